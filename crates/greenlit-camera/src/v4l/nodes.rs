//! What the kernel and udev tell of cameras, without opening any.

use std::fs;
use std::path::Path;

use super::CameraInfo;

/// All video nodes by their number, cameras or not.
pub(super) fn all(root: &Path) -> Vec<CameraInfo> {
    let class = root.join("sys/class/video4linux");
    let mut found: Vec<CameraInfo> = names(&class)
        .into_iter()
        .filter_map(|node| {
            let index = node.strip_prefix("video")?.parse().ok()?;
            let name = fs::read_to_string(class.join(&node).join("name")).unwrap_or_default();
            let name = if name.trim().is_empty() { node.clone() } else { super::one_line(name.trim()) };
            let id = ["by-id", "by-path"].iter().find_map(|links| link_to(root, links, &node));
            Some(CameraInfo { id: id.unwrap_or_else(|| name.clone()), name, index })
        })
        .collect();
    found.sort_by_key(|found| found.index);
    found
}

/// udev's lasting name for a node.
fn link_to(root: &Path, links: &str, node: &str) -> Option<String> {
    let folder = root.join("dev/v4l").join(links);
    names(&folder)
        .into_iter()
        .find(|link| fs::read_link(folder.join(link)).is_ok_and(|to| to.file_name().is_some_and(|to| to == node)))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .map(|entries| entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
        .unwrap_or_default();
    names.sort();
    names
}
