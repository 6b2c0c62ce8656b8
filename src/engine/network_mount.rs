//! Which folders lie on file systems whose changes by other machines raise no event here.

use std::path::{Path, PathBuf};

/// File systems that are shared with other machines, or with the host of this one.
const SHARED: [&str; 13] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
    "virtiofs",
    "vboxsf",
    "prl_fs",
];

/// Whether `folder` lies on such a file system, by the text of `/proc/self/mountinfo`; of what is not understood nothing is known.
pub(super) fn is_shared(mountinfo: &str, folder: &Path) -> bool {
    let mounts = mountinfo.lines().filter_map(mount).filter(|(point, _)| folder.starts_with(point));
    // A later mount hides an earlier one at the same place.
    let nearest = mounts.max_by_key(|(point, _)| point.components().count());
    nearest.is_some_and(|(_, kind)| SHARED.contains(&kind) || kind.starts_with("fuse."))
}

/// Where something is mounted, and the kind of its file system (proc(5), mountinfo).
fn mount(line: &str) -> Option<(PathBuf, &str)> {
    let (fields, rest) = line.split_once(" - ")?;
    let point = fields.split(' ').nth(4)?;
    let kind = rest.split(' ').next()?;
    Some((PathBuf::from(unescaped(point)), kind))
}

/// Blanks and backslashes are written as `\040` and so on.
fn unescaped(text: &str) -> String {
    let escapes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    escapes.iter().fold(text.to_owned(), |text, (escape, letter)| text.replace(escape, letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
30 22 0:40 / /srv/hr rw,relatime shared:9 - nfs4 nas:/hr rw,vers=4.2
31 30 0:41 / /srv/hr/local rw - tmpfs tmpfs rw
32 22 0:42 / /mnt/hr\\040share rw - cifs //nas/hr rw
33 22 0:43 / /mnt/ssh rw - fuse.sshfs hr@nas:/ rw
nonsense
";

    #[test]
    fn a_folder_is_as_shared_as_the_mount_it_lies_on() {
        let table = [
            ("/var/lib/usherd/feeds", false),
            ("/srv/hr", true),
            ("/srv/hr/in", true),
            ("/srv/hr/local/in", false),
            ("/srv/hrx", false),
            ("/mnt/hr share/in", true),
            ("/mnt/ssh", true),
        ];
        for (folder, expected) in table {
            assert_eq!(is_shared(MOUNTS, Path::new(folder)), expected, "{folder}");
        }
        assert!(!is_shared("", Path::new("/srv/hr")));
    }
}
