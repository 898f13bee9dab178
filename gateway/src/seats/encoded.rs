//! A body that is encoded once and sent to many, each with a head of its own.
//!
//! The age of what is told differs from request to request, and nothing else does. So the age stands first, in a
//! head that is made for each request; the rest is encoded once, and compressed once.
//!
//! Compressed, the two are one gzip member (RFC 1952): its deflate data (RFC 1951) begins with a stored block, which
//! is the head as it is and ends on a byte, and goes on with the blocks that the rest was compressed to, which refer
//! to nothing before them. The checksum of the whole is combined from those of the parts.

use std::io::Write as _;

use bytes::{BufMut as _, Bytes, BytesMut};
use crc32fast::Hasher;
use flate2::{Compression, write::DeflateEncoder};
use tokio::sync::OnceCell;

/// What is longer is compressed faster and less: 100,000 seats as objects are 11 MB.
const LONG: usize = 1 << 20;
/// What is longer is compressed where nobody waits for the thread.
const SHORT: usize = 32 << 10;
/// Magic, deflate, no flags, no time, no extra flags, system unknown.
const MEMBER_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A body but for its head.
#[derive(Debug)]
pub(crate) struct Encoded {
    rest: Bytes,
    compressed: OnceCell<Compressed>,
}

#[derive(Debug)]
struct Compressed {
    /// Raw deflate.
    data: Bytes,
    checksum: Hasher,
}

impl Encoded {
    pub(crate) fn new(rest: Vec<u8>) -> Self {
        Self { rest: rest.into(), compressed: OnceCell::new() }
    }

    /// What follows the head.
    pub(crate) fn rest(&self) -> &Bytes {
        &self.rest
    }

    /// The head and the rest as one gzip member, in pieces. Heads are shorter than 64 KiB.
    pub(crate) async fn gzip(&self, head: &[u8]) -> [Bytes; 3] {
        let Compressed { data, checksum } =
            self.compressed.get_or_init(|| compressed(self.rest.clone())).await;
        let mut whole = Hasher::new();
        whole.update(head);
        whole.combine(checksum);
        let length = head.len().wrapping_add(self.rest.len());
        let mut trailer = BytesMut::with_capacity(8);
        trailer.put_u32_le(whole.finalize());
        // Modulo 2^32, as the format has it.
        trailer.put_u32_le(u32::try_from(length & 0xffff_ffff).unwrap_or_default());
        [member_head(head), data.clone(), trailer.freeze()]
    }
}

fn member_head(head: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(MEMBER_HEAD.len() + 5 + head.len());
    bytes.extend_from_slice(&MEMBER_HEAD);
    let length = u16::try_from(head.len()).unwrap_or_default();
    let stored = &head[..usize::from(length)];
    // Not the last block, stored.
    bytes.put_u8(0);
    bytes.put_u16_le(length);
    bytes.put_u16_le(!length);
    bytes.extend_from_slice(stored);
    bytes.freeze()
}

async fn compressed(rest: Bytes) -> Compressed {
    if rest.len() <= SHORT {
        return deflated(&rest);
    }
    let there = tokio::task::spawn_blocking({
        let rest = rest.clone();
        move || deflated(&rest)
    });
    // It ends early only with the runtime.
    there.await.unwrap_or_else(|_| deflated(&rest))
}

fn deflated(rest: &[u8]) -> Compressed {
    let level = if rest.len() > LONG { Compression::fast() } else { Compression::default() };
    let mut encoder = DeflateEncoder::new(Vec::new(), level);
    // Writing to memory does not fail.
    let _ = encoder.write_all(rest);
    let data = encoder.finish().unwrap_or_default();
    let mut checksum = Hasher::new();
    checksum.update(rest);
    Compressed { data: data.into(), checksum }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read as _,
        process::{Command, Stdio},
    };

    use super::*;

    async fn gzipped(head: &[u8], rest: &[u8]) -> Vec<u8> {
        Encoded::new(rest.to_vec()).gzip(head).await.concat()
    }

    fn samples() -> Vec<(Vec<u8>, Vec<u8>)> {
        let noise: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let text = b"AAAAHHSSB".repeat(20_000);
        vec![
            (b"{\"ageMs\":40,".to_vec(), b"\"a\":1}".to_vec()),
            (Vec::new(), text.clone()),
            (b"{\"ageMs\":0,".to_vec(), noise),
            (vec![b'x'; 65_535], text),
            (b"{}".to_vec(), Vec::new()),
        ]
    }

    #[tokio::test]
    async fn head_and_rest_are_one_member_that_any_decoder_reads() {
        for (head, rest) in samples() {
            let bytes = gzipped(&head, &rest).await;
            let mut decoder = flate2::read::GzDecoder::new(bytes.as_slice());
            let mut read = Vec::new();
            decoder.read_to_end(&mut read).unwrap();
            assert_eq!(read, [head, rest].concat());
            assert_eq!(decoder.into_inner().len(), 0, "nothing is left over");
        }
    }

    /// Where the system has the program that the format is named after.
    #[tokio::test]
    async fn the_program_gzip_reads_it_too() {
        for (head, rest) in samples() {
            let bytes = gzipped(&head, &rest).await;
            let piped = (Stdio::piped(), Stdio::piped());
            let Ok(mut program) = Command::new("gzip").arg("-dc").stdin(piped.0).stdout(piped.1).spawn()
            else {
                return;
            };
            let mut input = program.stdin.take().unwrap();
            let writing = std::thread::spawn(move || input.write_all(&bytes));
            let output = program.wait_with_output().unwrap();
            writing.join().unwrap().unwrap();
            assert!(output.status.success());
            assert_eq!(output.stdout, [head, rest].concat());
        }
    }

    #[tokio::test]
    async fn one_wrong_byte_is_noticed() {
        let mut bytes = gzipped(b"{\"ageMs\":40,", &b"AHSB".repeat(1_000)).await;
        bytes[20] ^= 1;
        let read = flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut Vec::new());
        assert!(read.is_err());
    }
}
