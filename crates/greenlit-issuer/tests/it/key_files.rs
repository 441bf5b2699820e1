//! Promise: keys are read from PEM files as people have them, and one that cannot be read says what to do.

use greenlit_testkit::cli::CliHarness;

#[test]
fn a_key_is_found_among_blank_lines_and_other_text() {
    let desk = CliHarness::with_authority();
    let pem = String::from_utf8(desk.read("a/keys/issuer-1.pem")).unwrap();
    let utf16: Vec<u8> = format!("\u{FEFF}{pem}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        format!("\u{FEFF}{pem}").into_bytes(),
        pem.replace('\n', "\r\n\r\n").into_bytes(),
        format!("Bag Attributes\n    friendlyName: issuer\n{pem}\nkept in safe 2\n").into_bytes(),
        utf16,
    ] {
        desk.write("a/keys/issuer-1.pem", bytes);
        desk.issue("a", &[]);
    }
    let public = desk.issuer(&["root", "key", "s.pem"]).exits_with(0);
    desk.write("s.pub", format!("\u{FEFF}\n{}\n\n", public.trim()));
    desk.issuer(&["root", "new", "a", "--add-root", "s.pub", "--propose", "next"]).exits_with(0);
}

#[test]
fn a_file_that_holds_no_one_key_is_said_to() {
    let desk = CliHarness::with_authority();
    let pem = String::from_utf8(desk.read("a/keys/list-1.pem")).unwrap();
    desk.write("a/keys/list-1.pem", pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
    desk.issuer(&["publish", "a", "pub"]).fails_with("is damaged: not an encrypted private key in PKCS#8");
    desk.write("a/keys/list-1.pem", format!("{pem}{pem}"));
    desk.issuer(&["publish", "a", "pub"]).fails_with("more than one private key");
    desk.write("a/keys/list-1.pem", &pem);
}
