//! The file name of a record, from the id of its scenario.
//!
//! Folders mirror ids. The last part is the file's name, with the matrix cell in brackets as in the
//! id: `length[framing=u16be,chunk=1]`. What Windows forbids in names, and `%`, is written `%3A`;
//! insta and git take everything else as it is. Pure.

use std::fmt::Write as _;
use std::hash::Hasher as _;

/// What Windows forbids in a file name, beside control characters; and the sign that escapes it.
const FORBIDDEN: &str = "<>:\"/\\|?*%";

/// A name longer than this is cut: file systems take 255 bytes, of which the ending takes nine.
const LONGEST: usize = 200;

/// The folder of the record of `id`, below the platform's; empty where the id has none.
pub fn folder(id: &str) -> &str {
    let (base, _) = split(id);
    base.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The name of the record of `id`, without its ending.
pub fn file_name(id: &str) -> String {
    let (base, cell) = split(id);
    let mut name = base.rsplit_once('/').map_or(base, |(_, last)| last).to_owned();
    for c in cell.chars() {
        if c.is_control() || FORBIDDEN.contains(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(name, "%{byte:02X}");
            }
        } else {
            name.push(c);
        }
    }
    if name.len() > LONGEST { cut(&name, id) } else { name }
}

/// The id of the file, and the cell with its brackets.
fn split(id: &str) -> (&str, &str) {
    id.split_at(id.find('[').unwrap_or(id.len()))
}

/// The beginning of a long name, and a number that tells it from others that begin so.
fn cut(name: &str, id: &str) -> String {
    let end = (0..=LONGEST - 20).rev().find(|&at| name.is_char_boundary(at)).unwrap_or(0);
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    hasher.write(id.as_bytes());
    format!("{}~{:016x}", &name[..end], hasher.finish())
}

/// FNV-1a: the same for ever and everywhere, as a file name has to be.
struct Fnv(u64);

impl std::hash::Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_mirror_ids_and_the_cell_stays_in_the_name() {
        let id = "framing/length[framing=u16be,chunk=1]";
        assert_eq!(
            (folder(id), file_name(id).as_str()),
            ("framing", "length[framing=u16be,chunk=1]")
        );
        assert_eq!((folder("alone"), file_name("alone").as_str()), ("", "alone"));
    }

    #[test]
    fn what_windows_forbids_is_escaped() {
        assert_eq!(
            file_name("a/b[to=loopback:0,path=x/y,rate=5%]"),
            "b[to=loopback%3A0,path=x%2Fy,rate=5%25]"
        );
    }

    #[test]
    fn long_cells_are_cut_and_stay_apart() {
        let id = |last: char| format!("a/b[text={}{last}]", "é".repeat(300));
        let (one, other) = (file_name(&id('1')), file_name(&id('2')));
        assert!(one.len() <= LONGEST && one != other, "{one}");
    }
}
