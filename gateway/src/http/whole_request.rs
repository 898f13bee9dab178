use axum::http::{HeaderName, header};
use httparse::{EMPTY_HEADER, Header, Request, Status};

/// Whoever sends more headers has to be asked in.
const MOST_HEADERS: usize = 32;

/// What an HTTP/1.1 request says, whose bytes are there from the first to the last, and no others with them.
#[derive(Debug)]
pub(crate) struct WholeRequest<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    headers: &'a [Header<'a>],
}

impl WholeRequest<'_> {
    /// Looks at bytes that begin where a request does, by the parser that hyper has. Where its end is not beyond doubt it is not whole:
    /// a body in chunks, two lengths, one that waits to be told to go on (RFC 9112, section 6.3).
    pub(super) fn look<R>(bytes: &[u8], look: impl FnOnce(Option<&WholeRequest<'_>>) -> R) -> R {
        let mut headers = [EMPTY_HEADER; MOST_HEADERS];
        let mut request = Request::new(&mut headers);
        let Ok(Status::Complete(head)) = request.parse(bytes) else { return look(None) };
        let (Some(method), Some(path), Some(1)) = (request.method, request.path, request.version) else {
            return look(None);
        };
        let whole = WholeRequest { method, path, headers: request.headers };
        let is_whole = whole.body_bytes().and_then(|body| head.checked_add(body)) == Some(bytes.len());
        look(is_whole.then_some(&whole))
    }

    pub(crate) fn has(&self, name: &HeaderName) -> bool {
        self.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name.as_str()))
    }

    /// How long the body is; `None` where a single length does not say so.
    fn body_bytes(&self) -> Option<usize> {
        if self.method == "CONNECT" || self.has(&header::TRANSFER_ENCODING) || self.has(&header::EXPECT) {
            return None;
        }
        let is_length =
            |header: &&Header<'_>| header.name.eq_ignore_ascii_case(header::CONTENT_LENGTH.as_str());
        let mut lengths = self.headers.iter().filter(is_length);
        let Some(length) = lengths.next() else { return Some(0) };
        let digits = std::str::from_utf8(length.value).ok().filter(|_| lengths.next().is_none())?;
        // What Rust takes for a number beyond the digits, HTTP does not.
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Option<(String, String)> {
        WholeRequest::look(text.as_bytes(), |whole| {
            whole.map(|whole| (whole.method.to_owned(), whole.path.to_owned()))
        })
    }

    #[test]
    fn a_request_is_whole_only_where_its_end_is_beyond_doubt() {
        let whole = [
            "GET /a HTTP/1.1\r\nhost: h\r\n\r\n",
            "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
            "POST /a HTTP/1.1\r\ncontent-length: 0\r\n\r\n",
        ];
        for text in whole {
            let method = text.split(' ').next().unwrap();
            assert_eq!(seen(text), Some((method.to_owned(), "/a".to_owned())), "{text}");
        }
        let not_whole = [
            "",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET /a HTTP/1.0\r\n\r\n",
            "CONNECT a:80 HTTP/1.1\r\n\r\n",
            "POST /a HTTP/1.1\r\ncontent-length: 2\r\n\r\n{",
            "POST /a HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}G",
            "POST /a HTTP/1.1\r\ncontent-length: +2\r\n\r\n{}",
            "POST /a HTTP/1.1\r\ncontent-length: \r\n\r\n",
            "POST /a HTTP/1.1\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n{}",
            "POST /a HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n{}",
            "POST /a HTTP/1.1\r\ncontent-length: 18446744073709551615\r\n\r\n{}",
            "POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
            "POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n{}",
            "POST /a HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n{}",
        ];
        for text in not_whole {
            assert_eq!(seen(text), None, "{text}");
        }
        let many = "a: b\r\n".repeat(MOST_HEADERS + 1);
        assert_eq!(seen(&format!("GET /a HTTP/1.1\r\n{many}\r\n")), None);
    }
}
