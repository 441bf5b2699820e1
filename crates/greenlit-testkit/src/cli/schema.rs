//! Holds every JSON line that a test reads to the schema that the documentation promises for it.

use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

struct Schema {
    /// Only lines of this kind have it.
    mark: &'static str,
    name: &'static str,
    validator: LazyLock<Validator>,
}

static SCHEMAS: [Schema; 7] = [
    Schema { mark: "file", name: "check", validator: LazyLock::new(|| read("check")) },
    Schema { mark: "stream", name: "stream", validator: LazyLock::new(|| read("stream")) },
    Schema { mark: "at", name: "watch", validator: LazyLock::new(|| read("watch")) },
    Schema { mark: "self_test", name: "self-test", validator: LazyLock::new(|| read("self-test")) },
    Schema { mark: "history", name: "pass", validator: LazyLock::new(|| read("pass")) },
    Schema { mark: "months", name: "report", validator: LazyLock::new(|| read("report")) },
    Schema { mark: "store", name: "status", validator: LazyLock::new(|| read("status")) },
];

fn read(name: &str) -> Validator {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let path = root.join("docs/schemas").join(format!("{name}.schema.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

/// The schema of such a line, by name, and what it says against this one.
pub fn against(line: &Value) -> Option<(&'static str, Vec<String>)> {
    let schema = SCHEMAS.iter().find(|schema| line.get(schema.mark).is_some())?;
    let errors = schema.validator.iter_errors(line).map(|error| format!("{}: {error}", error.instance_path()));
    Some((schema.name, errors.collect()))
}

/// One JSON line of a program, which must be as documented.
#[track_caller]
pub fn line(text: &str) -> Value {
    let line = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    match against(&line) {
        Some((_, errors)) if errors.is_empty() => line,
        Some((name, errors)) => panic!("not as {name}.schema.json says: {errors:#?}\n{text}"),
        None => panic!("of no documented kind: {text}"),
    }
}
