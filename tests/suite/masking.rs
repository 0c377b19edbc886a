//! No Secret value in any output (DESIGN law 6): a marker password goes through every verb, `-vv` included, and all
//! that was printed is searched for it, in plain, base64 and URL form.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::kchart::{Kchart, Printed};

/// In a Secret, by `stringData`.
const PASSWORD: &str = "Marker/pass word+1?";
/// `writeOnly` in the schema, and in no Secret.
const TOKEN: &str = "tok-31415-en";
/// In a Secret, and given by a flag.
const FLAG: &str = "flag-27182-value";

const CHART: &str = "apiVersion: v2\nname: shop\nversion: 0.1.0\n";
const VALUES: &str = "password: null\ntoken: null\nflag: null\nreplicas: 1\nport: 80\n";
const SCHEMA: &str = r#"{"properties": {"token": {"type": ["string", "null"], "writeOnly": true}}}"#;
const TEMPLATE: &str = r#"apiVersion: v1
kind: Secret
metadata:
  name: {{release.name}}
stringData:
  password: {{values.password}}
  flag: {{values.flag}}
  url: "amqp://app:{{values.password}}@broker"
  generated: {{generate "key" length=32 charset="alnum"}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{release.name}}
spec:
  replicas: {{values.replicas}}
  selector:
    matchLabels: {app: shop}
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
        - name: shop
          image: shop:1
          ports: [{containerPort: {{values.port}}}]
          env:
            - {name: TOKEN, value: {{values.token}}}
            - {name: LEAK, value: {{values.password}}}
            - {name: ARGUMENTS, value: "--password={{values.password}}"}
            - {name: PASSWORD, valueFrom: {secretKeyRef: {name: {{release.name}}, key: password}}}
"#;

/// What every call has: the marker values, and the sandbox.
const GIVEN: &str = "-f secret.yaml --set flag=flag-27182-value";

fn shop() -> Kchart {
    Kchart::new()
        .file("shop/Chart.yaml", CHART)
        .file("shop/values.yaml", VALUES)
        .file("shop/values.schema.json", SCHEMA)
        .file("shop/templates/all.yaml.hbs", TEMPLATE)
        .file("shop/templates/notes.txt.hbs", "The password is {{values.password}}.\n")
        .file("secret.yaml", format!("password: {PASSWORD:?}\ntoken: {TOKEN}\n"))
}

#[test]
fn no_verb_shows_a_secret_value() {
    let mut shop = shop();
    let lines = [
        format!("install shop ./shop {GIVEN} --dry-run"),
        format!("install shop ./shop {GIVEN} --no-wait"),
        "status shop".to_owned(),
        "list".into(),
        "history shop".into(),
        "get values shop".into(),
        "get values shop --all".into(),
        "get manifest shop".into(),
        "get notes shop".into(),
        "get credentials shop".into(),
        "get all shop".into(),
        format!("upgrade shop ./shop {GIVEN} --set replicas=2 --dry-run"),
        format!("upgrade shop ./shop {GIVEN} --set replicas=2 --no-wait"),
        format!("upgrade shop ./shop {GIVEN} --set flag=another-{FLAG} --dry-run"),
        "upgrade shop ./shop --reuse-values --set replicas=3 --dry-run".into(),
        "uninstall shop --dry-run".into(),
        "uninstall shop".into(),
    ];
    let mut generated = None;
    for line in lines {
        for more in ["-vv", "-vv -o json", "-vv -o yaml"] {
            // Only one of the formats changes anything; the others see the same state or say why not.
            let changes = !line.contains("--dry-run")
                && ["install", "upgrade", "uninstall"].iter().any(|verb| line.starts_with(verb));
            if changes && more != "-vv" {
                continue;
            }
            shop = shop.run(&format!("{line} --sandbox=cluster.json {more}"));
            let (code, printed) = shop.output();
            assert_eq!(code, Some(0), "`{line} {more}`\n{}\n{}", printed.stdout, printed.stderr);
            assert_hidden(&format!("{line} {more}"), &printed, generated.as_deref());
        }
        generated = generated.or_else(|| generated_in(&shop));
    }
    assert!(generated.is_some_and(|value| value.len() == 32), "the generated value was found in the sandbox");
}

#[test]
fn a_masked_manifest_shows_none() {
    let printed = shop().run(&format!("template shop ./shop {GIVEN} --mask -vv")).success();
    assert!(printed.stdout.contains("•••"));
    assert_hidden("template --mask", &printed, None);
}

#[test]
fn errors_about_values_that_are_in_secrets_do_not_show_them() {
    let cases = [
        // Where it is a wrong type, a wrong string, and where the line of the values is shown.
        ("replicas: {{values.replicas}}", "replicas: {{values.password}}"),
        ("{app: shop}\n    spec", "{app: {{values.password}}}\n    spec"),
        ("image: shop:1", "image: shop:1\n          imagePullPolicy: {{values.token}}"),
        ("containerPort: {{values.port}}", "containerPort: {{values.flag}}"),
        ("image: shop:1", "image: {{values.nothing}}"),
        ("stringData:", "data:"),
    ];
    for (from, to) in cases {
        assert!(TEMPLATE.contains(from), "{from}");
        let shop = shop().file("shop/templates/all.yaml.hbs", TEMPLATE.replacen(from, to, 1));
        let printed = shop.run(&format!("template shop ./shop {GIVEN} -vv")).failure(3);
        assert!(printed.stderr.contains("error: "), "{}", printed.stderr);
        assert_hidden(to, &printed, None);
    }
}

#[test]
fn broken_values_files_do_not_show_them() {
    let files = [
        format!("password: {PASSWORD:?}\nreplicas: many\n"),
        format!("password: {PASSWORD:?}\n  replicas: 1\n"),
        format!("replicas: 1\npassword: \"{PASSWORD}\n"),
        format!("passwort: {PASSWORD:?}\n"),
        format!("password: [{PASSWORD:?}]\n"),
    ];
    for file in files {
        let shop = shop().file("secret.yaml", &file);
        let line = format!("install shop ./shop {GIVEN} --dry-run --strict --sandbox=box.json -vv");
        let printed = shop.run(&line).failure(3);
        assert_hidden(&format!("{line} with {file}"), &printed, None);
    }
}

/// The generated key as it lies in the sandbox's file.
fn generated_in(shop: &Kchart) -> Option<String> {
    let text = String::from_utf8(shop.read("cluster.json")?).ok()?;
    let pattern = regex::Regex::new(r#""generated"\s*:\s*"([A-Za-z0-9+/=]{40,})""#).expect("a pattern");
    let encoded = pattern.captures(&text)?.get(1)?.as_str().to_owned();
    String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
}

/// Searches what was printed for all markers.
#[track_caller]
fn assert_hidden(line: &str, printed: &Printed, generated: Option<&str>) {
    let all = format!("{}\n{}", printed.stdout, printed.stderr);
    for secret in [PASSWORD, TOKEN, FLAG].into_iter().chain(generated) {
        for form in forms(secret) {
            let shown = all.lines().find(|line| line.contains(&form));
            assert!(shown.is_none(), "`{line}` printed {form}: {shown:?}");
        }
    }
}

/// The forms of a value: plain, JSON, URL, and what base64 makes of it behind 0, 1 or 2 other bytes.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    forms.push(secret.replace('/', "%2F").replace(' ', "%20").replace('+', "%2B").replace('?', "%3F"));
    forms.push(secret.replace('/', "%2F").replace(' ', "+").replace('+', "%2B").replace('?', "%3F"));
    for before in 0..3 {
        let bytes = [vec![b'x'; before], secret.as_bytes().to_vec()].concat();
        for encoded in [STANDARD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            let inner = &encoded[(before * 8).div_ceil(6)..bytes.len() * 8 / 6];
            forms.push(inner.to_owned());
        }
    }
    forms
}

/// Short enough to stand anywhere: nothing is searched for it, only its places are known.
const PINS: [&str; 2] = ["k9x2", "q7z3"];

const PINNED: &str = r"apiVersion: v1
kind: Secret
metadata:
  name: login
stringData:
  pin: {{values.pin}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: load
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: load:1
          command: {{values.command}}
          env:
            - {name: MODE, value: all}
            - {name: PIN, value: {{values.pin}}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: main
          image: web:1
          env:
            - {name: MODE, value: all}
            - {name: PIN, value: {{values.pin}}}
";

fn pinned(command: &str) -> Kchart {
    let kchart = Kchart::new()
        .file("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n")
        .file("web/values.yaml", format!("pin: null\ncommand: {command}\n"))
        .file("web/templates/all.yaml.hbs", PINNED)
        .file("old.yaml", format!("pin: {}\n", PINS[0]))
        .file("new.yaml", format!("pin: {}\n", PINS[1]))
        .env("KCHART_SANDBOX", "box.json")
        .run("install ./web -f old.yaml --no-wait");
    kchart.success();
    kchart
}

/// What was printed says this, and no pin.
#[track_caller]
fn assert_no_pin((_, printed): (Option<i32>, Printed), says: &str) {
    let all = format!("{}{}", printed.stdout, printed.stderr);
    assert!(all.contains(says), "{all}");
    for pin in PINS {
        assert!(!all.contains(pin) && !all.contains(&STANDARD.encode(pin)), "{all}");
    }
}

#[test]
fn a_short_secret_in_the_environment_of_a_job_is_shown_nowhere() {
    const FIELD: &str = "spec.template.spec.containers[name=\"main\"].env[name=\"PIN\"].value";
    let mut kchart = pinned("[\"true\"]");
    for verb in
        ["diff web ./web -f new.yaml", "diff web ./web -f new.yaml -o json", "upgrade web ./web -f new.yaml --dry-run"]
    {
        let says = if verb.ends_with("json") { "PIN" } else { FIELD };
        kchart = kchart.run(verb);
        assert_no_pin(kchart.output(), says);
    }
}

#[test]
fn a_short_secret_is_not_shown_where_a_field_cannot_be_changed() {
    let kchart = pinned("[sleep, \"600\"]").run("upgrade web ./web -f new.yaml");
    assert_no_pin(kchart.output(), "another value is wanted (it is secret)");
}

#[test]
fn a_short_secret_is_not_shown_where_somebody_else_set_it() {
    let kchart = pinned("[\"true\"]");
    let mut state: serde_json::Value = serde_json::from_slice(&kchart.read("box.json").unwrap()).unwrap();
    for object in state["objects"].as_array_mut().unwrap() {
        if object["kind"] == "Deployment" {
            let managers = object["metadata"]["managedFields"].as_array_mut().unwrap();
            let mut theirs = managers.iter().find(|entry| entry["manager"] == "kchart").unwrap().clone();
            theirs["manager"] = "kubectl-edit".into();
            theirs["operation"] = "Update".into();
            managers.push(theirs);
        }
    }
    let kchart = kchart.file("box.json", state.to_string()).run("upgrade web ./web -f new.yaml");
    assert_no_pin(kchart.output(), "belongs to `kubectl-edit`, which set it to `•••`; another value is wanted");
}

#[test]
fn a_mask_is_no_value() {
    let mut masked = Kchart::new().file("m.yaml", "auth:\n  password: •••\n");
    for line in ["install db postgresql --sandbox=x -f m.yaml", "template db postgresql --set auth.password=•••"]
    {
        masked = masked.run(line);
        let printed = masked.failure(3).stderr;
        assert!(printed.contains("error: a mask stands where a value was"), "`{line}`: {printed}");
        assert!(printed.contains("get values RELEASE --reveal` shows those of a release"), "`{line}`: {printed}");
    }
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {password: •••}\n";
    let printed = Kchart::new().file("s.yaml", secret).run("template x --manifest s.yaml").failure(3).stderr;
    assert!(printed.contains("error: a mask stands where a value was"), "{printed}");
}
