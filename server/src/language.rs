//! In which language a request is answered: what is refused is said in the one that it asks for (`Accept-Language`).
//!
//! The code and its arguments are the same in all of them. OpenAI's part stays in English, as its clients expect.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use protocol::Lang;
use protocol::api::Problem;

/// The layer around all routes. A refusal carries its [`Problem`] beside its body until here, unless it got another shape.
pub async fn say_refusals(request: Request, next: Next) -> Response {
    let lang = asked(request.headers());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    if lang != Lang::En {
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        let body = serde_json::to_vec(&problem.in_lang(lang)).unwrap_or_default();
        response = Response::from_parts(parts, Body::from(body));
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    headers.append(header::VARY, HeaderValue::from_static("accept-language"));
    response
}

/// Of the languages that are asked for the one liked best that there is; else English.
fn asked(headers: &HeaderMap) -> Lang {
    let all = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let lists = all.filter_map(|value| value.to_str().ok());
    let mut best: Option<(Lang, f32)> = None;
    for one in lists.flat_map(|list| list.split(',')) {
        let (tag, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight
            .trim()
            .strip_prefix("q=")
            .map_or(Some(1.0), |q| q.trim().parse().ok());
        let (Some(lang), Some(weight)) = (Lang::spoken(tag.trim()), weight) else {
            continue;
        };
        // of those that are liked as well the first
        if weight > best.map_or(0.0, |(_, known)| known) {
            best = Some((lang, weight));
        }
    }
    best.map_or(Lang::En, |(lang, _)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accept::Visitor;
    use crate::in_process::InProcess;
    use axum::body::to_bytes;
    use axum::http::{Method, StatusCode};
    use serde_json::{Value, json};
    use tower::ServiceExt;

    #[test]
    fn the_language_liked_best_of_those_there_are_is_taken() {
        for (header, lang) in [
            ("", Lang::En),
            ("ja", Lang::Ja),
            ("zh-TW,zh;q=0.9,en;q=0.8", Lang::Zh),
            ("de-DE, fr;q=0.9, ja;q=0.3, en;q=0.2", Lang::Ja),
            ("en-US,en;q=0.9,ja;q=0.8", Lang::En),
            ("en;q=0.1, zh; q=0.5", Lang::Zh),
            ("ja;q=0", Lang::En),
            ("ja;q=much, *", Lang::En),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(header))]);
            assert_eq!(asked(&headers), lang, "{header}");
        }
        assert_eq!(asked(&HeaderMap::new()), Lang::En);
    }

    async fn refused(
        server: &InProcess,
        host: &str,
        method: Method,
        path: &str,
        body: Value,
        language: &str,
    ) -> (Response, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, host)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT_LANGUAGE, language)
            .extension(Visitor { is_owner: true })
            .body(Body::from(body.to_string()))
            .unwrap();
        let (parts, body) = server.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let said = serde_json::from_slice(&body).unwrap();
        (Response::from_parts(parts, Body::empty()), said)
    }

    #[tokio::test]
    async fn a_refusal_is_said_in_the_language_that_is_asked_for() {
        let server = InProcess::open("refusals").await;
        let here = "127.0.0.1:7860";
        for (language, tag, detail) in [
            ("en", "en", "there is no run x"),
            ("ja-JP,ja;q=0.9", "ja", "実行 x はありません"),
            ("zh-CN", "zh", "没有运行 x"),
            ("de", "en", "there is no run x"),
        ] {
            let (answer, said) = refused(&server, here, Method::GET, "/api/runs/x", Value::Null, language).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND);
            assert_eq!(answer.headers()[header::CONTENT_LANGUAGE], tag);
            assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
            assert_eq!(
                (&said["detail"], &said["code"]),
                (&json!(detail), &json!("not_found")),
                "{said}"
            );
            // for programs it is the same in each
            assert_eq!(said["args"][0]["code"], "no_such_run", "{said}");
        }
        // each error of a config
        let config = json!({ "config": { "model_name_or_path": "corral-demo", "dataset": "demo_en", "stage": "dpo", "pref_beta": -1 } });
        let mut told = vec![];
        for language in ["en", "ja", "zh"] {
            let (_, said) = refused(&server, here, Method::POST, "/api/runs", config.clone(), language).await;
            let mut errors = said["errors"].as_array().into_iter().flatten();
            let error = errors.find(|error| error["field"] == "pref_beta");
            told.push(error.map(|error| error["message"].clone()));
        }
        assert!(
            told.iter().all(Option::is_some) && told[0] != told[1] && told[1] != told[2] && told[0] != told[2],
            "{told:?}"
        );
        // whoever refuses it
        let (_, said) = refused(&server, "evil.example", Method::GET, "/api/runs", Value::Null, "ja").await;
        assert!(
            said["detail"].as_str().is_some_and(|detail| !detail.is_ascii()),
            "{said}"
        );
        let (answer, said) = refused(&server, here, Method::GET, "/v1/models/x", Value::Null, "ja").await;
        assert!(!answer.headers().contains_key(header::CONTENT_LANGUAGE));
        assert!(said["error"]["message"].as_str().is_some_and(str::is_ascii), "{said}");
        server.close().await;
    }
}
