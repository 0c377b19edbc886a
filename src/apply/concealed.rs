//! What must not be read in anything that a run tells.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::object::{Mask, Object, Secrecy, leaves};
use crate::plan::{Act, Plan};

/// Hides what the Secrets of a plan hold, and other fields marked as secret.
pub(super) fn conceal(plan: &Plan) -> Mask {
    let names: Vec<String> = plan.steps.iter().filter_map(|step| step.act.id()).map(|id| id.name).collect();
    let mut mask = Mask::new(names.iter().map(String::as_str));
    for step in &plan.steps {
        if let Act::Apply { object, .. } | Act::Generate { secret: object, .. } = &step.act {
            hide(object, &mut mask);
        }
    }
    mask
}

fn hide(object: &Object, mask: &mut Mask) {
    if object.id.is_secret() {
        for (_, leaf) in object.body.get("data").into_iter().flat_map(leaves) {
            mask.hide_node(leaf, Secrecy::Likely);
            let decoded = leaf.as_str().and_then(|text| STANDARD.decode(text).ok());
            if let Some(decoded) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) {
                mask.hide(&decoded, Secrecy::Likely);
            }
        }
    }
    for node in object.secret.iter().filter_map(|path| path.find(&object.body)) {
        mask.hide_node(node, Secrecy::Sure);
    }
}
