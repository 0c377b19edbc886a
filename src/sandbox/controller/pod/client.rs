//! A client of a RabbitMQ broker: any container with `RABBITMQ_HOST` and a password in its environment, such as the
//! orchestrator. It works when it can log in, and otherwise ends with an error each time it is started.

use serde_json::Value;

use super::environment::Environment;
use super::program::Outcome;
use super::sticky;
use crate::sandbox::controller::owned::is_ready;
use crate::sandbox::controller::service::behind;
use crate::sandbox::disks::hash;
use crate::sandbox::json;
use crate::sandbox::read::logs::log_name;
use crate::sandbox::state::{Key, State, kinds};

/// Lets a client connect; none if the container is no client.
pub(super) fn connect(state: &mut State, pod: &Value, environment: &Environment) -> Option<(Outcome, Vec<String>)> {
    let host = environment.get("RABBITMQ_HOST")?;
    let password = environment.first(&["RABBITMQ_PASSWORD", "RABBITMQ_PASS"])?;
    let user = environment.first(&["RABBITMQ_USER", "RABBITMQ_USERNAME"]).unwrap_or("guest");
    Some(match log_in(state, pod, host, user, password) {
        Ok(()) => {
            (Outcome::Running { ready: true, why: String::new() }, vec![format!("connected to {host} as {user}")])
        }
        Err(why) => (Outcome::Crashing { code: 1, why: why.clone() }, vec![why]),
    })
}

fn log_in(state: &mut State, pod: &Value, host: &str, user: &str, password: &str) -> Result<(), String> {
    let mut labels = host.split('.');
    let name = labels.next().unwrap_or_default();
    let own = json::text(pod, &["metadata", "namespace"]).unwrap_or_default();
    let namespace = labels.next().unwrap_or(own);
    let service = state
        .get(&Key::new(&kinds::SERVICE, namespace, name))
        .cloned()
        .ok_or_else(|| format!("socket.gaierror: [Errno -2] Name or service not known: {host}"))?;
    let refused = || format!("pika.exceptions.AMQPConnectionError: connection to {host} refused");
    let broker = behind(state, &service).find(|pod| is_ready(pod)).cloned();
    let mut brokers = broker.iter().flat_map(|broker| json::list(broker, &["spec", "containers"]));
    let found = brokers.find_map(|container| {
        let program = sticky::program(container).filter(|program| program.image == "rabbitmq")?;
        let (location, written) = program.written(state, broker.as_ref()?, container)?;
        let fits = written.user == user && written.password == hash(&location, password);
        Some((program, container, fits))
    });
    let (program, container, fits) = found.ok_or_else(refused)?;
    if fits {
        return Ok(());
    }
    if let Some(key) = broker.as_ref().and_then(Key::of) {
        let name = log_name(&key, json::text(container, &["name"]).unwrap_or_default());
        let mut log = state.logs().get(&name).cloned().unwrap_or_default();
        let line = program.refusal(user);
        if log.last() != Some(&line) {
            log.push(line);
            state.print(&name, Some(log));
        }
    }
    Err("pika.exceptions.ProbableAuthenticationError: ConnectionClosedByBroker: (403) 'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.'".to_owned())
}
