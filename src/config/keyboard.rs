//! The layouts of a keyboard that no desktop looks after. libxkbcommon takes them from the environment, and one that it
//! does not have ends the window with the first key, on a kiosk with the first scan.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::config::diagnostic::{Level, write};

/// Comma-separated, as in xkeyboard-config(7).
const LAYOUT: &str = "XKB_DEFAULT_LAYOUT";

/// Leaves out layouts that this machine does not have, and begins this program anew without them; returns where there
/// are none such.
pub(crate) fn leave_out_unknown_layouts() {
    let Ok(asked) = std::env::var(LAYOUT) else { return };
    let Some(known) = known(&asked, &roots()) else { return };
    write(Level::Warning, &format!("{LAYOUT}={asked}: no such keyboard layout here; using \"{known}\""));
    let Ok(program) = std::env::current_exe() else { return };
    // The environment of a running program is not safely changed; a new one is begun with it.
    let mut again = Command::new(program);
    again.args(std::env::args_os().skip(1)).env(LAYOUT, known);
    // Only if that fails does this return.
    let _ = again.exec();
}

/// Where libxkbcommon looks.
fn roots() -> Vec<PathBuf> {
    let named = std::env::var_os("XKB_CONFIG_ROOT").map(PathBuf::from);
    vec!["/etc/xkb".into(), named.unwrap_or_else(|| "/usr/share/X11/xkb".into())]
}

/// The layouts that there are, American where there is none of them; `None` where all are there.
fn known(asked: &str, roots: &[PathBuf]) -> Option<String> {
    let is_here = |layout: &&str| {
        let file = layout.split('(').next().unwrap_or_default().trim();
        let plain = !file.is_empty() && file.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        plain && roots.iter().any(|root| Path::join(root, "symbols").join(file).is_file())
    };
    let here: Vec<&str> = asked.split(',').filter(is_here).collect();
    if here.len() == asked.split(',').count() {
        return None;
    }
    Some(if here.is_empty() { "us".into() } else { here.join(",") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_that_are_not_there_are_left_out() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("symbols")).unwrap();
        for layout in ["us", "ru", "de"] {
            std::fs::write(root.path().join("symbols").join(layout), "").unwrap();
        }
        let roots = ["/nowhere".into(), root.path().to_path_buf()];
        for fine in ["us,ru", "us", "de(nodeadkeys),us"] {
            assert_eq!(known(fine, &roots), None, "{fine}");
        }
        for (asked, wanted) in [
            ("nobody", "us"),
            ("us,nobody", "us"),
            ("nobody,ru,us", "ru,us"),
            ("", "us"),
            ("us,", "us"),
            ("../symbols/us", "us"),
        ] {
            assert_eq!(known(asked, &roots).as_deref(), Some(wanted), "{asked}");
        }
    }
}
