use std::borrow::Cow;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderMap, header},
    response::IntoResponse as _,
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use super::problem::{Problem, ProblemType};

/// A JSON body. What is wrong with it is told by field.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(ProblemType::UnsupportedMediaType));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(not_read)?;
        parse(&bytes).map(Self)
    }
}

/// `application/json`, whatever parameters follow, or a `+json` type.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(media_type)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn not_read(rejection: BytesRejection) -> Problem {
    let status = rejection.into_response().status();
    if status == ProblemType::BodyTooLarge.status() {
        Problem::new(ProblemType::BodyTooLarge)
    } else {
        Problem::new(ProblemType::InvalidJson).with_detail("the body ended too early")
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // serde would read a list as the fields in their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| problem(&error, ""))?;
        return Err(Problem::new(ProblemType::InvalidValue).with_detail("the body has to be an object"));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        problem(&error.into_inner(), &field)
    })?;
    reader.end().map_err(|error| problem(&error, ""))?;
    Ok(value)
}

fn problem(error: &serde_json::Error, field: &str) -> Problem {
    match error.classify() {
        Category::Io | Category::Syntax | Category::Eof => Problem::new(ProblemType::InvalidJson)
            .with_detail(format!("line {}, column {}", error.line(), error.column())),
        Category::Data => {
            let text = error.to_string();
            // The place in the text is of no use once the field is named.
            let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
            Problem::value(&named(field, reason), reason.to_owned())
        }
    }
}

/// A field that is missing is not on the path yet; the error names it.
fn named<'a>(path: &'a str, reason: &'a str) -> Cow<'a, str> {
    let missing = reason.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match missing {
        Some(field) if path == "." => field.into(),
        Some(field) => format!("{path}.{field}").into(),
        None => path.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        inner: Inner,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        count: u32,
    }

    fn problem_of(text: &str) -> String {
        format!("{:?}", parse::<Outer>(text.as_bytes()).unwrap_err())
    }

    #[test]
    fn the_field_is_named() {
        assert_eq!(parse::<Outer>(br#"{"inner":{"count":3}}"#).unwrap().inner.count, 3);
        for (text, field) in [
            (r#"{"inner":{"count":-3}}"#, "\"inner.count\""),
            (r#"{"inner":{"count":"3"}}"#, "\"inner.count\""),
            (r#"{"inner":{"count":3,"more":1}}"#, "\"inner.more\""),
            (r#"{"more":1}"#, "\"more\""),
            (r"{}", "\"inner\""),
            (r#"{"inner":{}}"#, "\"inner.count\""),
        ] {
            let problem = problem_of(text);
            assert!(problem.contains(field) && problem.contains("InvalidValue"), "{text}: {problem}");
        }
    }

    #[test]
    fn what_is_not_json_is_told_apart() {
        for text in ["", "{", "{\"inner\":{\"count\":3}} x", "{'inner'}", "\u{feff}{}"] {
            assert!(problem_of(text).contains("InvalidJson"), "{text}");
        }
        assert!(problem_of("[]").contains("InvalidValue"));
    }
}
