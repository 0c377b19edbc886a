//! Services: only a load balancer has anything to wait for, its address (Helm's `pkg/kube/ready.go`).

use super::Readiness;
use crate::yaml::Node;

pub(super) fn judge(live: &Node) -> Readiness {
    let balances = live.str_at(&["spec", "type"]) == Some("LoadBalancer");
    let addressed = !live.list_at(&["status", "loadBalancer", "ingress"]).is_empty()
        || !live.list_at(&["spec", "externalIPs"]).is_empty();
    if balances && !addressed {
        return Readiness::Waiting("no load balancer has given it an address yet".into());
    }
    Readiness::Ready
}

#[cfg(test)]
mod tests {
    use super::super::conditions::tests::told;
    use super::*;
    use serde_json::json;

    #[test]
    fn only_load_balancers_wait() {
        for (live, expected) in [
            (json!({"spec": {"type": "ClusterIP"}}), "ready"),
            (json!({"spec": {"type": "LoadBalancer"}}), "waiting: no load balancer has given it an address yet"),
            (json!({"spec": {"type": "LoadBalancer", "externalIPs": ["10.0.0.1"]}}), "ready"),
            (
                json!({"spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}}),
                "ready",
            ),
        ] {
            assert_eq!(told(&judge(&Node::from(&live))), expected, "{live}");
        }
    }
}
