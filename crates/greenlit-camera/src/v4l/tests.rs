//! What can be told without a camera.

use super::*;

#[test]
fn the_best_format_comes_first() {
    let format = CameraFormat::new_from;
    for (case, mut formats, best) in [
        (
            "raw at 10 fps loses to JPEG at 30",
            vec![
                format(1280, 720, FrameFormat::YUYV, 10),
                format(1280, 720, FrameFormat::MJPEG, 30),
                format(640, 480, FrameFormat::YUYV, 30),
            ],
            format(1280, 720, FrameFormat::MJPEG, 30),
        ),
        (
            "no decoding where the pace is enough",
            vec![format(1280, 720, FrameFormat::MJPEG, 30), format(1280, 720, FrameFormat::YUYV, 15)],
            format(1280, 720, FrameFormat::YUYV, 15),
        ),
        (
            "not 4K, not tiny",
            vec![
                format(3840, 2160, FrameFormat::MJPEG, 30),
                format(1920, 1080, FrameFormat::MJPEG, 30),
                format(320, 180, FrameFormat::YUYV, 60),
            ],
            format(1920, 1080, FrameFormat::MJPEG, 30),
        ),
        (
            "pixels before pace, within reason",
            vec![
                format(1280, 720, FrameFormat::YUYV, 10),
                format(640, 480, FrameFormat::YUYV, 30),
                format(1280, 960, FrameFormat::YUYV, 1),
            ],
            format(1280, 720, FrameFormat::YUYV, 10),
        ),
        (
            "close to 30",
            vec![format(1280, 720, FrameFormat::NV12, 60), format(1280, 720, FrameFormat::NV12, 30)],
            format(1280, 720, FrameFormat::NV12, 30),
        ),
    ] {
        formats.sort_by_key(cost);
        assert_eq!(formats[0], best, "{case}");
    }
}

#[test]
fn the_systems_errors_are_told_apart() {
    let open = |why: &str| NokhwaError::OpenDeviceError("0".into(), format!("V4L2 Error: {why}"));
    for (error, code) in [
        (open("Device or resource busy (os error 16)"), "camera-busy"),
        (open("No such file or directory (os error 2)"), "no-camera"),
        (open("Permission denied (os error 13)"), "camera-denied"),
        (open("Input/output error (os error 5)"), "camera-error"),
        (NokhwaError::ReadFrameError("No such device (os error 19)".into()), "no-camera"),
        (NokhwaError::ReadFrameError("Stream Not Started".into()), "camera-error"),
        (open("(os error "), "camera-unsupported"),
    ] {
        assert_eq!(problem(&error).code(), code, "{error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_systems_errors_are_told_apart_without_nokhwa() {
    use std::io;
    for (number, code) in [(16, "camera-busy"), (19, "no-camera"), (13, "camera-denied"), (5, "camera-error")] {
        assert_eq!(io_problem(&io::Error::from_raw_os_error(number)).code(), code);
    }
    assert_eq!(io_problem(&io::ErrorKind::TimedOut.into()).code(), "camera-error");
}

#[cfg(target_os = "linux")]
#[test]
fn cameras_are_found_by_name_and_lasting_id() {
    let root = tempfile::tempdir().unwrap();
    let class = root.path().join("sys/class/video4linux");
    for (node, name) in [("video10", "Loopback\n"), ("video2", "HD Webcam: HD\nx"), ("video3", ""), ("vbi0", "no")] {
        std::fs::create_dir_all(class.join(node)).unwrap();
        std::fs::write(class.join(node).join("name"), name).unwrap();
    }
    let links = root.path().join("dev/v4l/by-id");
    std::fs::create_dir_all(&links).unwrap();
    std::os::unix::fs::symlink("../../video2", links.join("usb-HD_Webcam-index0")).unwrap();
    let found: Vec<_> = nodes::all(root.path()).into_iter().map(|found| (found.index, found.name, found.id)).collect();
    let expected =
        [(2, "HD Webcam: HD x", "usb-HD_Webcam-index0"), (3, "video3", "video3"), (10, "Loopback", "Loopback")];
    assert_eq!(found, expected.map(|(index, name, id)| (index, name.to_owned(), id.to_owned())));
    assert_eq!(nodes::all(&root.path().join("nowhere")), []);
}

#[test]
fn a_machine_with_or_without_cameras_does_not_panic() {
    let _ = list();
    let _ = V4lCamera::open(Some("no such camera")).map(|camera| camera.format());
}
