//! What others do to a cluster: objects that are deleted or changed by hand, in the sandbox's file.

use serde_json::Value as Json;

use crate::suite::kchart::Kchart;

/// Changes by hand.
pub(crate) trait By: Sized {
    /// Changes the objects of the sandbox.
    fn by_hand(self, change: impl FnOnce(&mut Vec<Json>)) -> Self;

    /// The objects of the sandbox.
    fn objects(&self) -> Vec<Json>;

    /// An object.
    fn object(&self, kind: &str, name: &str) -> Json {
        self.objects().into_iter().find(|object| is(object, kind, name)).expect("the object is there")
    }

    /// The volume of a claim.
    fn volume_of(&self, claim: &str) -> String {
        self.object("PersistentVolumeClaim", claim)["spec"]["volumeName"].as_str().expect("it is bound").to_owned()
    }

    /// The value of a key of a Secret.
    fn secret(&self, name: &str, key: &str) -> String {
        use base64::Engine as _;
        let object = self.object("Secret", name);
        let encoded = object["data"][key].as_str().expect("it has the key");
        let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).expect("it is base64");
        String::from_utf8(bytes).expect("it is text")
    }

    /// Somebody deletes an object.
    fn deletes(self, kind: &str, name: &str) -> Self {
        self.by_hand(|objects| {
            let before = objects.len();
            objects.retain(|object| !is(object, kind, name));
            assert_eq!(objects.len() + 1, before, "there is one {kind} `{name}`");
        })
    }

    /// Somebody gives the password of a Secret another value.
    fn sets_password(self, secret: &str, value: &str) -> Self {
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(value);
        self.by_hand(|objects| {
            let found = objects.iter_mut().find(|object| is(object, "Secret", secret)).expect("the Secret is there");
            found["data"]["password"] = encoded.into();
        })
    }

    /// Somebody makes another object with the same content, and no mark on it.
    fn copied(self, kind: &str, name: &str, other: &str) -> Self {
        let (mut copy, uid) = (self.object(kind, name), format!("copy-of-{name}"));
        copy["metadata"] = serde_json::json!({"name": other, "namespace": copy["metadata"]["namespace"], "uid": uid,
            "resourceVersion": "1", "creationTimestamp": copy["metadata"]["creationTimestamp"]});
        self.by_hand(|objects| objects.push(copy))
    }

    /// Somebody takes all labels off an object, and with them who owned them.
    fn unmarked(self, kind: &str, name: &str) -> Self {
        self.by_hand(|objects| {
            let object = objects.iter_mut().find(|object| is(object, kind, name)).expect("the object is there");
            object["metadata"]["labels"] = serde_json::json!({});
            object["metadata"]["managedFields"] = serde_json::json!([]);
        })
    }
}

impl By for Kchart {
    fn objects(&self) -> Vec<Json> {
        let text = self.read("box.json").expect("the sandbox is there");
        let state: Json = serde_json::from_slice(&text).expect("it is JSON");
        state["objects"].as_array().expect("the state has objects").clone()
    }

    fn by_hand(self, change: impl FnOnce(&mut Vec<Json>)) -> Self {
        let text = self.read("box.json").expect("the sandbox is there");
        let mut state: Json = serde_json::from_slice(&text).expect("it is JSON");
        change(state["objects"].as_array_mut().expect("the state has objects"));
        self.file("box.json", state.to_string())
    }
}

/// Whether an object has this kind and name.
fn is(object: &Json, kind: &str, name: &str) -> bool {
    object["kind"] == kind && object["metadata"]["name"] == name
}
