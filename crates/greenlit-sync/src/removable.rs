//! Publications on what is plugged in: USB sticks and cards that the system has mounted (Linux).

use std::path::{Path, PathBuf};

use super::BUNDLE_FILE;

/// What the kernel tells of mounts (proc_pid_mountinfo(5)).
pub const MOUNTINFO: &str = "/proc/self/mountinfo";
/// Where desktops and servers mount what is plugged in.
const PLACES: [&str; 4] = ["/media/", "/run/media/", "/mnt/", "/run/greenlit/"];
/// Folders of a stick that are looked into, besides its top.
const FOLDERS: [&str; 3] = ["greenlit", "Greenlit", "published"];
/// More mounts than any machine has.
const MAX_MOUNTS: usize = 1_000;

/// The mount points of what is plugged in, by this text of [`MOUNTINFO`].
pub fn mounted(mountinfo: &str) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = mountinfo
        .lines()
        .take(MAX_MOUNTS)
        .filter(|line| !is_of_a_network(line))
        .filter_map(|line| line.split(' ').nth(4))
        .map(unescaped)
        .filter(|point| PLACES.iter().any(|place| point.starts_with(place)))
        .map(PathBuf::from)
        .collect();
    all.sort();
    all.dedup();
    all
}

/// A share whose server is gone keeps whoever looks at it, perhaps for ever; and no stick is one.
fn is_of_a_network(line: &str) -> bool {
    const KINDS: [&str; 9] = ["nfs", "nfs4", "cifs", "smb3", "autofs", "9p", "ceph", "fuse.sshfs", "afs"];
    let kind = line.split_once(" - ").and_then(|(_, rest)| rest.split(' ').next()).unwrap_or_default();
    KINDS.contains(&kind)
}

/// Spaces and the like stand there as three octal digits.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'\\')
            .then(|| after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok()))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { after.get(3..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The folder of a mounted stick that holds a publication, if one does: a real folder with a real
/// file in it, no links.
pub fn publication(stick: &Path) -> Option<PathBuf> {
    let real = |path: &Path, folder: bool| {
        std::fs::symlink_metadata(path).is_ok_and(|found| if folder { found.is_dir() } else { found.is_file() })
    };
    let within = FOLDERS.iter().map(|name| stick.join(name));
    std::iter::once(stick.to_path_buf())
        .chain(within)
        .find(|folder| real(folder, true) && real(&folder.join(BUNDLE_FILE), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sticks_are_told_from_other_mounts() {
        let text = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                    40 22 8:17 / /media/user/MY\\040STICK rw,nosuid shared:5 - vfat /dev/sdb1 rw\n\
                    41 22 0:30 / /media/user/MY\\040STICK rw - vfat /dev/sdb1 rw\n\
                    42 22 0:31 / /proc rw - proc proc rw\nbroken\n\
                    44 22 0:50 / /mnt/share rw - nfs4 host:/x rw\n\
                    43 22 8:33 / /mnt/a\\09z rw - vfat /dev/sdc1 rw";
        assert_eq!(mounted(text), [PathBuf::from("/media/user/MY STICK"), PathBuf::from("/mnt/a\\09z")]);
    }

    #[cfg(unix)]
    #[test]
    fn a_publication_is_real_files_in_a_real_folder() {
        let stick = tempfile::tempdir().unwrap();
        let at = |path: &str| stick.path().join(path);
        assert_eq!(publication(stick.path()), None);
        std::fs::create_dir_all(at("elsewhere")).unwrap();
        std::fs::write(at("elsewhere/trust.cbor"), "x").unwrap();
        std::os::unix::fs::symlink(at("elsewhere"), at("greenlit")).unwrap();
        std::os::unix::fs::symlink(at("elsewhere/trust.cbor"), at("trust.cbor")).unwrap();
        assert_eq!(publication(stick.path()), None);
        std::fs::create_dir_all(at("published")).unwrap();
        std::fs::write(at("published/trust.cbor"), "x").unwrap();
        assert_eq!(publication(stick.path()), Some(at("published")));
    }
}
