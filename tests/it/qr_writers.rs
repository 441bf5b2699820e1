//! Promise: a pass is read whichever program drew it, however that divides it into segments and pads it.
//!
//! `vectors/qr-writers` holds one text as eleven encoders draw it; `manifest.tsv` says what each picture
//! holds, and whether zxing-cpp reads it.

use std::path::Path;

use greenlit_testkit::cli::CliHarness;

#[test]
fn what_zxing_cpp_reads_of_other_encoders_codes_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/qr-writers");
    let text = std::fs::read(folder.join("text.txt")).unwrap();
    let manifest = std::fs::read_to_string(folder.join("manifest.tsv")).unwrap();
    let rows: Vec<Vec<&str>> = manifest.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    let files: Vec<String> = rows.iter().map(|row| folder.join(row[0]).display().to_string()).collect();
    assert!(files.len() > 70, "{}", files.len());

    // A till without trust data judges nothing green, and says of a pass that it cannot tell.
    let desk = CliHarness::new();
    let args = [&["check", "--json", "--codes"][..], &files.iter().map(String::as_str).collect::<Vec<_>>()].concat();
    let lines = desk.till(&args).json();
    assert_eq!(lines.len(), rows.len());
    for (row, line) in rows.iter().zip(&lines) {
        let read = line["codes"].as_array().unwrap().iter().any(|code| code["hex"] == hex::encode(&text));
        let judged = line["code"] == "TRU";
        assert_eq!((read, judged), (row[5] == "yes", row[5] == "yes"), "{row:?}: {line}");
    }
}
