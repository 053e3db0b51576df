//! The rules a server on localhost needs because the person's browser opens other sites too.

use std::process::Stdio;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tests::Board;
use tests::programs::program;
use tokio::io::{AsyncBufReadExt, BufReader};

/// Addresses of every kind: API, chat API, pages, files of the board, the socket, ones that do not exist.
const PLACES: &[&str] = &[
    "/api/system",
    "/api/runs",
    "/api/live",
    "/api/openapi.json",
    "/api/nothing",
    "/v1/models",
    "/",
    "/runs/x",
    "/assets/x.js",
];

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| -> (HeaderName, HeaderValue) {
        (name.parse().expect("a name"), value.parse().expect("a value"))
    };
    pairs.iter().map(pair).collect()
}

pub(super) async fn status(board: &Board, method: Method, path: &str, pairs: &[(&str, &str)]) -> StatusCode {
    let request = Client::new()
        .request(method, format!("{}{path}", board.url))
        .headers(headers(pairs));
    request.send().await.expect("an answer").status()
}

#[tokio::test]
async fn a_foreign_host_name_is_answered_nowhere() {
    let board = Board::start();
    let port = board.url.rsplit(':').next().expect("a port");
    for path in PLACES {
        for bad in [
            "evil.test",
            "localhost.evil.test",
            "evil.localhost",
            "127.0.0.1.evil.test",
            "192.168.1.9",
        ] {
            for host in [bad.to_owned(), format!("{bad}:{port}")] {
                let got = status(&board, Method::GET, path, &[("host", &host)]).await;
                assert_eq!(got, StatusCode::MISDIRECTED_REQUEST, "{path} as {host}");
            }
        }
    }
    for good in ["localhost", "127.0.0.1", "[::1]"] {
        let host = format!("{good}:{port}");
        assert_eq!(
            status(&board, Method::GET, "/api/system", &[("host", &host)]).await,
            StatusCode::OK,
            "{host}"
        );
    }
    // a rebound name is the same for Host and Origin, also on the socket
    let mut request = board.live_request(Some("http://evil.test"));
    request
        .headers_mut()
        .insert("host", "evil.test".parse().expect("a host"));
    assert!(tokio_tungstenite::connect_async(request).await.is_err());
}

#[tokio::test]
async fn a_request_from_another_site_is_refused_whatever_its_method() {
    let board = Board::start();
    let all = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ];
    for path in PLACES {
        for method in &all {
            for site in [
                &[("sec-fetch-site", "cross-site")][..],
                &[("sec-fetch-site", "same-site")],
                &[("origin", "http://evil.test")],
                &[("origin", "null")],
                &[("origin", "http://localhost:1")],
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "navigate"),
                    ("sec-fetch-dest", "iframe"),
                ],
            ] {
                let got = status(&board, method.clone(), path, site).await;
                assert_eq!(got, StatusCode::FORBIDDEN, "{method} {path} {site:?}");
            }
        }
    }
    // a person may follow a link to a page, not to the API
    let link = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    assert_eq!(status(&board, Method::GET, "/runs/x", &link).await, StatusCode::OK);
    assert_eq!(
        status(&board, Method::GET, "/api/runs", &link).await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(status(&board, Method::POST, "/", &link).await, StatusCode::FORBIDDEN);
    let own = [("sec-fetch-site", "same-origin"), ("origin", board.url.as_str())];
    assert_eq!(status(&board, Method::GET, "/api/runs", &own).await, StatusCode::OK);
}

#[tokio::test]
async fn the_socket_opens_for_pages_of_this_very_origin() {
    let board = Board::start();
    for origin in [
        None,
        Some("null"),
        Some("http://evil.test"),
        Some("http://localhost"),
        Some("http://127.0.0.1:1"),
    ] {
        let refused = tokio_tungstenite::connect_async(board.live_request(origin)).await;
        assert!(refused.is_err(), "{origin:?}");
    }
    board.live().await;
}

#[tokio::test]
async fn no_answer_invites_other_sites_and_every_one_carries_the_policy() {
    let board = Board::start();
    for path in PLACES {
        for method in [Method::GET, Method::OPTIONS] {
            let request = Client::new().request(method, format!("{}{path}", board.url));
            let request = request
                .header("access-control-request-method", "POST")
                .header("cookie", "a=b");
            let answer = request.send().await.expect("an answer");
            let names: Vec<String> = answer.headers().keys().map(|n| n.as_str().to_owned()).collect();
            assert!(
                !names.iter().any(|n| n.starts_with("access-control-")),
                "{path}: {names:?}"
            );
            let policy = answer.headers()["content-security-policy"].to_str().expect("a policy");
            assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            assert_eq!(answer.headers()["cross-origin-resource-policy"], "same-origin");
        }
    }
}

#[tokio::test]
async fn bodies_are_json_by_name_small_and_shallow() {
    let board = Board::start();
    let send = async |kind: &str, body: String| {
        let request = Client::new()
            .post(format!("{}/api/parse", board.url))
            .header("content-type", kind);
        request.body(body).send().await.expect("an answer").status()
    };
    // what a form of another site could send
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        assert_eq!(
            send(kind, r#"{"text":"a: 1"}"#.into()).await,
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        );
    }
    let json = "application/json";
    assert_eq!(send(json, json!({ "text": "a: 1" }).to_string()).await, StatusCode::OK);
    assert_eq!(
        send(json, json!({ "text": "x".repeat(3 << 20) }).to_string()).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let deep = format!("{{\"text\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(send(json, deep).await, StatusCode::BAD_REQUEST);
    for yaml in [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n".to_owned(),
        format!("a: {}", "[".repeat(5000)),
        "\0\u{feff}: {{{".to_owned(),
    ] {
        let answer = board.post("/api/parse", json!({ "text": yaml })).await;
        assert!(!answer["errors"].as_array().expect("errors").is_empty(), "{yaml:.80}");
    }
}

#[tokio::test]
async fn bound_to_all_addresses_the_server_asks_for_its_token() {
    let data = tempfile::tempdir().expect("a folder");
    let mut server = tokio::process::Command::new(program("corral"))
        .args([
            "serve",
            "--host",
            "0.0.0.0",
            "--port",
            &tests::board::free_port().to_string(),
            "--data-dir",
        ])
        .arg(data.path())
        .env_remove("CORRAL_TOKEN")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the server starts");
    let mut lines = BufReader::new(server.stdout.take().expect("its output")).lines();
    let line = loop {
        let line = lines
            .next_line()
            .await
            .expect("output")
            .expect("an address before the end");
        if line.contains("http://") {
            break line;
        }
    };
    let address = line
        .split_whitespace()
        .find(|w| w.starts_with("http://"))
        .expect("an address");
    let (url, token) = address.split_once("/?token=").expect("a token in the address");
    assert!(token.len() >= 64);
    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let get = async |path: &str, pairs: &[(&str, &str)]| {
        client
            .get(format!("{url}{path}"))
            .headers(headers(pairs))
            .send()
            .await
            .expect("an answer")
    };
    let wrong = format!("Bearer {}x", &token[..token.len() - 1]);
    let cookie = format!("corral_token={token}");
    for path in PLACES {
        for pairs in [
            &[][..],
            &[("authorization", "Bearer ")],
            &[("authorization", &wrong)],
            &[("cookie", "corral_token=")],
        ] {
            assert_eq!(
                get(path, pairs).await.status(),
                StatusCode::UNAUTHORIZED,
                "{path} {pairs:?}"
            );
        }
    }
    for pair in [("authorization", format!("Bearer {token}")), ("cookie", cookie)] {
        assert_eq!(get("/api/system", &[(pair.0, &pair.1)]).await.status(), StatusCode::OK);
    }
    // the address is exchanged for a cookie that scripts can't read; the token leaves the address
    let opened = get(&format!("/?token={token}"), &[]).await;
    assert_eq!(
        (opened.status(), &opened.headers()["location"]),
        (StatusCode::SEE_OTHER, &HeaderValue::from_static("/"))
    );
    let set = opened.headers()["set-cookie"].to_str().expect("a cookie");
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    assert_eq!(
        get(&format!("/?token={}", &token[1..]), &[]).await.status(),
        StatusCode::UNAUTHORIZED
    );
    // a known token does not open the door to other names and sites
    let bearer = format!("Bearer {token}");
    assert_eq!(
        get("/api/system", &[("authorization", &bearer), ("host", "evil.test")])
            .await
            .status(),
        421
    );
    assert_eq!(
        get(
            "/api/system",
            &[("authorization", &bearer), ("sec-fetch-site", "cross-site")]
        )
        .await
        .status(),
        403
    );
    let system: Value = get("/api/system", &[("authorization", &bearer)])
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(system["token_required"], true);
}
