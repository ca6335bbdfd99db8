//! Files of a tar archive in gzip, from whoever sent it: nothing is written to a disk, links are never followed, and sizes are limited.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use flate2::read::GzDecoder;

/// Bytes of everything in the archive.
const MOST_BYTES: u64 = 200 << 20;
/// Of one file that is kept: more is left out.
const MOST_OF_FILE: u64 = 32 << 20;
/// Of a name that stands in an entry of its own.
const MOST_OF_NAME: u64 = 4096;
const MOST_ENTRIES: usize = 50_000;
const BLOCK: usize = 512;

/// Text by path.
pub type Files = BTreeMap<String, String>;

/// The files that are wanted; an error says why the archive is refused as a whole.
pub fn read(archive: impl Read, wanted: impl Fn(&str) -> bool) -> Result<Files, String> {
    let mut tar = Tar { from: GzDecoder::new(BufReader::new(archive)), left: MOST_BYTES };
    let mut files = Files::new();
    let mut long: Option<String> = None;
    for _ in 0..MOST_ENTRIES {
        let Some(header) = tar.header()? else { return Ok(files) };
        let size = header.size()?;
        match header.kind() {
            b'L' => long = Some(tar.text(size, MOST_OF_NAME)?),
            b'x' => long = named(&tar.text(size, MOST_OF_NAME)?).or(long),
            b'0' | 0 => {
                let name = inside(&long.take().unwrap_or_else(|| header.name()))?;
                match wanted(&name) {
                    true => _ = files.insert(name, tar.text(size, MOST_OF_FILE)?),
                    false => tar.skip(size)?,
                }
            }
            // Links and devices hold nothing.
            b'1'..=b'6' => _ = inside(&long.take().unwrap_or_else(|| header.name()))?,
            _ => tar.skip(size)?,
        }
    }
    Err(format!("it has more than {MOST_ENTRIES} entries"))
}

/// `path` of an extended header.
fn named(text: &str) -> Option<String> {
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.find_map(|(_, pair)| pair.strip_prefix("path=")).map(str::to_string)
}

/// A path below the archive's root.
fn inside(name: &str) -> Result<String, String> {
    let name = name.trim_end_matches('\0');
    if name.starts_with('/') || name.split('/').any(|part| part == "..") {
        return Err(format!("it names a path outside of itself: {name}"));
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !["", "."].contains(part)).collect();
    Ok(parts.join("/"))
}

struct Tar<R: Read> {
    from: R,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl<R: Read> Tar<R> {
    /// The next header; none at the end.
    fn header(&mut self) -> Result<Option<Header>, String> {
        let mut block = [0u8; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.from.read(&mut block[filled..]).map_err(|why| why.to_string())? {
                0 if filled == 0 => return Ok(None),
                0 => return Err("it ends in the middle of an entry".to_string()),
                count => filled += count,
            }
        }
        self.spend(BLOCK as u64)?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let header = Header(block);
        header
            .is_sound()
            .then_some(Some(header))
            .ok_or_else(|| "it is not a tar archive".to_string())
    }

    fn spend(&mut self, bytes: u64) -> Result<(), String> {
        let left = self.left.checked_sub(bytes);
        self.left =
            left.ok_or_else(|| format!("it unpacks to more than {} MiB", MOST_BYTES >> 20))?;
        Ok(())
    }

    /// Content up to `most`, as text; the rest is passed over.
    fn text(&mut self, size: u64, most: u64) -> Result<String, String> {
        self.spend(size)?;
        let mut bytes = Vec::new();
        let kept = size.min(most);
        let read = (&mut self.from).take(kept).read_to_end(&mut bytes);
        if read.map_err(|why| why.to_string())? as u64 != kept {
            return Err("it ends in the middle of a file".to_string());
        }
        self.pass(size - kept)?;
        self.pad(size)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn skip(&mut self, size: u64) -> Result<(), String> {
        self.spend(size)?;
        self.pass(size)?;
        self.pad(size)
    }

    /// Content fills whole blocks.
    fn pad(&mut self, size: u64) -> Result<(), String> {
        self.pass(size.next_multiple_of(BLOCK as u64) - size)
    }

    fn pass(&mut self, bytes: u64) -> Result<(), String> {
        let passed = std::io::copy(&mut (&mut self.from).take(bytes), &mut std::io::sink());
        match passed.map_err(|why| why.to_string())? == bytes {
            true => Ok(()),
            false => Err("it ends in the middle of a file".to_string()),
        }
    }
}

/// One header of a tar archive (POSIX ustar).
struct Header([u8; BLOCK]);

impl Header {
    fn field(&self, from: usize, length: usize) -> String {
        let bytes = &self.0[from..from + length];
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(length);
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }

    fn name(&self) -> String {
        let (name, prefix) = (self.field(0, 100), self.field(345, 155));
        let ustar = &self.0[257..262] == b"ustar";
        if ustar && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
    }

    fn kind(&self) -> u8 {
        self.0[156]
    }

    fn size(&self) -> Result<u64, String> {
        octal(&self.field(124, 12)).ok_or_else(|| "it has an entry of an unknown size".to_string())
    }

    /// Whether its checksum fits.
    fn is_sound(&self) -> bool {
        let own = |at: usize, byte: u8| if (148..156).contains(&at) { b' ' } else { byte };
        let sum: u64 = self.0.iter().enumerate().map(|(at, byte)| u64::from(own(at, *byte))).sum();
        octal(&self.field(148, 8)) == Some(sum)
    }
}

fn octal(text: &str) -> Option<u64> {
    u64::from_str_radix(text.trim(), 8).ok()
}
