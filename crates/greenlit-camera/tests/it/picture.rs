//! Promise: a JPEG is read however it is written, or a line says why not.

use std::path::{Path, PathBuf};
use std::time::Duration;

use greenlit_camera::picture;

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/pictures").join(name)
}

#[test]
fn one_code_is_read_from_every_way_of_writing_a_jpeg() {
    for name in ["base.jpg", "grey.jpg", "progressive.jpg", "restart.jpg", "separate-scans.jpg", "cmyk.jpg"] {
        let frame = picture::read(&vector(name)).unwrap();
        let reading = greenlit_qr::read(&frame, Duration::from_secs(60));
        let payloads: Vec<_> = reading.symbols.into_iter().map(|symbol| symbol.payload).collect();
        assert_eq!(payloads, [b"https://example.org/"], "{name}");
        // Black on white, not its negative.
        assert!(frame.pixels().first().is_some_and(|corner| *corner > 240), "{name}");
    }
    let refused = picture::read(&vector("arithmetic.jpg")).unwrap_err();
    assert_eq!(refused.code(), "not-a-picture");
    assert!(refused.to_string().contains("save it as PNG or JPEG"), "{refused}");
}
