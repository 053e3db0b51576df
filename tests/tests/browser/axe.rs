//! Accessibility, as axe-core judges it: every page, light and dark, on a desk in English and on a phone in Japanese; and none
//! scrolls sideways, on a tablet and on a wide desk neither.

use serde_json::json;
use tests::api::demo_config;
use tests::{Board, Browser, Lang, Theme, View, programs};

/// WCAG 2.0 to 2.2, A and AA, and what is good practice beyond.
const ALL: &str = "{ type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }";
/// What depends on the theme.
const COLOURS: &str = "{ type: 'rule', values: ['color-contrast'] }";

/// A page, and what is done on it before it is judged.
struct Case {
    path: String,
    act: &'static str,
}

fn cases(runs: &[String], sweep: &str) -> Vec<Case> {
    let plain = |path: String| Case { path, act: "" };
    let acted = |path: &str, act| Case { path: path.into(), act };
    let run = &runs[0];
    vec![
        plain("/".into()),
        acted("/", "document.querySelector('.bell').click()"),
        plain("/runs".into()),
        acted("/runs", "document.querySelectorAll('.run-row input[type=checkbox]').forEach(e => e.click())"),
        plain(format!("/runs/{run}")),
        plain(format!("/runs/{run}?tab=config")),
        plain(format!("/runs/{run}?tab=checkpoints")),
        plain(format!("/runs/{run}?tab=log")),
        plain(format!("/runs/{run}?tab=pairs&pair=0")),
        plain(format!("/runs/{run}?tab=samples&prompt=1")),
        plain(format!("/sweeps/{sweep}")),
        plain("/evaluate".into()),
        plain(format!("/runs/{run}?tab=files")),
        plain(format!("/compare?runs={}", runs.join(","))),
        plain("/new".into()),
        acted(
            "/new",
            "const e = document.querySelector('#run-name'); e.value = 'a/b'; e.dispatchEvent(new Event('input', { bubbles: true }));
             document.querySelectorAll('details').forEach(d => d.open = true)",
        ),
        plain("/new?import=file".into()),
        plain("/data".into()),
        plain("/data?add=upload".into()),
        plain("/data/demo_en".into()),
        plain("/models".into()),
        acted("/models", "document.querySelector('#models .link')?.click()"),
        plain("/chat".into()),
        acted("/runs", "dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }))"),
        acted("/runs", "dispatchEvent(new KeyboardEvent('keydown', { key: '?' }))"),
        plain("/no-such-page".into()),
    ]
}

fn axe() -> String {
    let axe = programs::root().join("frontend/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(axe).expect("`make board` fetches axe-core")
}

/// A screen: where pages are judged, and how wide they may become.
#[derive(Clone, Copy)]
struct Screen {
    width: u32,
    height: u32,
    wider: u32,
    lang: Lang,
}

const DESK: Screen = Screen {
    width: 1440,
    height: 900,
    wider: 2560,
    lang: Lang::En,
};
const PHONE: Screen = Screen {
    width: 390,
    height: 844,
    wider: 768,
    lang: Lang::Ja,
};

impl Screen {
    fn view(self, width: u32, theme: Theme) -> View {
        View {
            width,
            height: self.height,
            theme,
            lang: self.lang,
        }
    }
}

#[tokio::test]
async fn no_page_has_a_fault_that_axe_finds() {
    let board = Board::start();
    // before the first run the home is another page
    let home = [Case {
        path: "/".into(),
        act: "",
    }];
    let desk = Browser::open(DESK.view(DESK.width, Theme::Light)).await;
    let phone = Browser::open(PHONE.view(PHONE.width, Theme::Light)).await;
    let mut found = on_both(&desk, &phone, &board.url, &home).await;
    let mut runs = vec![];
    for _ in 0..2 {
        let mut config = demo_config();
        config["max_steps"] = 4.into();
        config["sample_prompts"] = 2.into();
        config["sample_max_new_tokens"] = 12.into();
        runs.push(board.start_run(config).await);
    }
    let mut config = demo_config();
    config["max_steps"] = 1.into();
    let values = |key: &str, values: [f64; 2]| json!({ "key": key, "values": { "list": values } });
    let parameters = [values("pref_beta", [0.1, 0.3]), values("learning_rate", [1e-4, 1e-3])];
    let asked = json!({ "config": config, "sweep": { "parameters": parameters, "metric": "preference/margins" } });
    let sweep = board.post("/api/sweeps", asked).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    for run in &runs {
        board.wait_over(run).await;
    }
    let mut live = board.live().await;
    while board.get(&format!("/api/sweeps/{sweep}")).await["summary"]["state"] == "going" {
        live.until(|message| message["type"] == "run").await;
    }
    found.extend(on_both(&desk, &phone, &board.url, &cases(&runs, &sweep)).await);
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

async fn on_both(desk: &Browser, phone: &Browser, board: &str, cases: &[Case]) -> Vec<String> {
    let (mut found, more) = tokio::join!(on_one(desk, DESK, board, cases), on_one(phone, PHONE, board, cases));
    found.extend(more);
    found
}

async fn on_one(browser: &Browser, screen: Screen, board: &str, cases: &[Case]) -> Vec<String> {
    let axe = axe();
    let mut found = vec![];
    for Case { path, act } in cases {
        browser.set_view(screen.view(screen.width, Theme::Light)).await;
        browser.goto(&format!("{board}{path}")).await;
        if !act.is_empty() {
            browser.eval(&format!("{act}; return true")).await;
            browser.settle().await;
        }
        browser.eval(&axe).await;
        let acted = if act.is_empty() { "" } else { " (acted)" };
        for (theme, rules) in [(Theme::Light, ALL), (Theme::Dark, COLOURS)] {
            browser.set_view(screen.view(screen.width, theme)).await;
            // colours go over into those of the other theme
            browser.settle().await;
            let faults = judge(browser, rules).await;
            found.extend(
                faults
                    .into_iter()
                    .map(|fault| format!("{path}{acted} {theme:?} {}: {fault}", screen.width)),
            );
        }
        for width in [screen.width, screen.wider] {
            browser.set_view(screen.view(width, Theme::Light)).await;
            browser.settle().await;
            let over = browser
                .eval("return document.documentElement.scrollWidth - innerWidth")
                .await;
            if over.as_i64() > Some(0) {
                found.push(format!("{path}{acted} {width}: {over} px too wide"));
            }
        }
    }
    found
}

/// The faults of the page as it stands.
async fn judge(browser: &Browser, rules: &str) -> Vec<String> {
    // what fades in is judged once it is there
    let there = "const end = () => document.getAnimations().forEach(a => { try { a.finish() } catch { a.cancel() } });
        return new Promise(done => requestAnimationFrame(() => { end(); requestAnimationFrame(() => { end(); done(true) }) }))";
    browser.eval(there).await;
    let judged = browser
        .eval(&format!(
            "return axe.run(document, {{ runOnly: {rules}, resultTypes: ['violations'] }}).then(found => found.violations.map(v =>
                `${{v.impact}} ${{v.id}}: ${{v.nodes.map(n => n.target.join(' ')).slice(0, 4).join(' | ')}}`))"
        ))
        .await;
    assert!(judged.is_array(), "axe did not judge: {judged}");
    let faults = judged.as_array().into_iter().flatten();
    faults
        .map(|fault| fault.as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The judge itself finds what is wrong: a button without a name, planted.
#[tokio::test]
async fn a_planted_fault_is_found() {
    let board = Board::start();
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/data", board.url)).await;
    let plant = "document.querySelector('.page-head').append(document.createElement('button')); return true";
    browser.eval(plant).await;
    browser.eval(&axe()).await;
    let faults = judge(&browser, ALL).await;
    assert!(faults.iter().any(|fault| fault.contains("button-name")), "{faults:?}");
}
