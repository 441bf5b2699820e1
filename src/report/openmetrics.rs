//! A till's health as metrics: gauges alone, in what the text formats of OpenMetrics 1.0 and of Prometheus have in
//! common, for node_exporter's textfile collector reads the latter. Nothing about a guest, and no figures.

use std::fmt::{Display, Write};

use greenlit_core::trust::Freshness;

use crate::report::health::{ListReport, Report};

const STAGES: [Freshness; 6] =
    [Freshness::None, Freshness::Fresh, Freshness::Soon, Freshness::Stale, Freshness::Expired, Freshness::ClockBehind];

/// The whole file.
pub(crate) fn text(report: &Report) -> String {
    let mut out = Metrics::default();
    out.family("info", "This program.", [(format!("version=\"{}\"", report.version), 1_u64)]);
    out.gauge("state", "Health: 0 is ok, 1 needs attention, 2 cannot check passes.", report.exit);
    let ages = STAGES.map(|stage| (format!("stage=\"{}\"", stage.as_str()), u64::from(stage == report.stage)));
    out.family("trust_stage", "Age of the trust data: 1 for the stage it is in.", ages);
    out.gauge("store_ok", "Whether the store is in order.", u8::from(report.store.state == "ok"));
    out.gauge("store_damaged_copies", "Damaged stores that were set aside.", report.store.damaged_copies.len());
    if let Some(anchor) = &report.anchor {
        out.gauge("practice_authority", "Whether a practice authority is trusted.", u8::from(anchor.demo));
    }
    if let Some(root) = &report.root {
        out.gauge("root_number", "Number of the root in force.", root.number);
        out.gauge("root_expires_timestamp_seconds", "When that root expires.", root.expires.0.seconds());
    }
    if let Some(bundle) = &report.bundle {
        out.gauge("trust_version", "Version of the trust data.", bundle.version);
        out.gauge("trust_issued_timestamp_seconds", "When the trust data was made.", bundle.issued.0.seconds());
        out.gauge("trust_due_timestamp_seconds", "When it should have been updated.", bundle.due.0.seconds());
        out.gauge("trust_expires_timestamp_seconds", "When it can't be used any more.", bundle.expires.0.seconds());
    }
    let of_lists = |value: &dyn Fn(&ListReport) -> Option<u64>| {
        report.lists.iter().filter_map(|list| Some((format!("list=\"{}\"", list.id), value(list)?))).collect::<Vec<_>>()
    };
    let usable = of_lists(&|list| Some(u64::from(!list.is_blind())));
    out.family("list_usable", "Whether passes on this status list can be judged.", usable);
    let until = of_lists(&|list| list.unusable_after.map(|until| until.0.seconds()));
    out.family("list_unusable_timestamp_seconds", "When this status list can't be used any more.", until);
    out.gauge("clock_timestamp_seconds", "The time that the till goes by.", report.clock.0.seconds());
    out.gauge("clock_floor_timestamp_seconds", "The earliest that it can be.", report.clock_floor.0.seconds());
    out.gauge("site_file_mistakes", "Mistakes in the site file.", report.mistakes.len());
    out.gauge("settings_findings", "Settings that do not serve any more.", report.findings.len());
    out.text + "# EOF\n"
}

#[derive(Default)]
struct Metrics {
    text: String,
}

impl Metrics {
    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, help, [(String::new(), value)]);
    }

    /// A family of one sample for each set of labels; none at all without samples.
    fn family<V: Display>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = (String, V)>) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "# HELP greenlit_{name} {help}\n# TYPE greenlit_{name} gauge");
        for (labels, value) in samples {
            let labels = if labels.is_empty() { labels } else { format!("{{{labels}}}") };
            let _ = writeln!(self.text, "greenlit_{name}{labels} {value}");
        }
    }
}
