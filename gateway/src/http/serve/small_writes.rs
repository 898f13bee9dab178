use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// Up to here it is cheaper to copy the parts of an answer than to hand them to the kernel one by one.
const SMALL: usize = 1_024;

/// A connection over which a small answer, whose head and body are apart in memory, goes in one plain write.
///
/// hyper either hands over parts as they are, or copies every body, however large, into a buffer that it keeps.
#[derive(Debug)]
pub(super) struct SmallWrites(pub(super) TcpStream);

impl AsyncRead for SmallWrites {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for SmallWrites {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.0);
        let mut joined = [0; SMALL];
        match join(parts, &mut joined) {
            Some(bytes) => stream.poll_write(context, bytes),
            None => stream.poll_write_vectored(context, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// All parts, one after the other; `None` where they are too large.
fn join<'a>(parts: &[IoSlice<'_>], joined: &'a mut [u8]) -> Option<&'a [u8]> {
    let mut end = 0;
    for part in parts {
        joined.get_mut(end..end + part.len())?.copy_from_slice(part);
        end += part.len();
    }
    joined.get(..end)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    #[test]
    fn what_is_small_is_joined_and_what_is_not_is_left_as_it_is() {
        let parts = |sizes: &[usize]| -> Vec<Vec<u8>> {
            sizes.iter().zip(1..).map(|(size, byte)| vec![byte; *size]).collect()
        };
        let joined = |parts: &[Vec<u8>]| {
            let parts: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
            join(&parts, &mut [0; SMALL]).map(<[u8]>::to_vec)
        };
        for sizes in [&[][..], &[0], &[3, 0, 2], &[SMALL - 1, 1]] {
            assert_eq!(joined(&parts(sizes)), Some(parts(sizes).concat()), "{sizes:?}");
        }
        for sizes in [&[SMALL, 1][..], &[SMALL + 1], &[usize::from(u16::MAX), 0]] {
            assert_eq!(joined(&parts(sizes)), None, "{sizes:?}");
        }
    }

    #[tokio::test]
    async fn a_reader_gets_all_parts_whole_and_in_order() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut reader = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut writer = SmallWrites(listener.accept().await.unwrap().0);
        assert!(AsyncWrite::is_write_vectored(&writer), "bodies are not copied before they are here");
        let mut expected = Vec::new();
        for size in [1, SMALL / 2, SMALL, 10 * SMALL] {
            let (head, body) = (vec![b'h'; 100], vec![b'b'; size]);
            let sent = writer.write_vectored(&[IoSlice::new(&head), IoSlice::new(&body)]).await.unwrap();
            assert_eq!(sent, head.len() + body.len(), "it goes in one write");
            expected.extend(head.into_iter().chain(body));
        }
        writer.shutdown().await.unwrap();
        let mut read = Vec::new();
        reader.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, expected);
    }
}
