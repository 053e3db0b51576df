//! The machine's cards as a page shows them, on the emulated driver.

use super::PHONE;
use tempfile::TempDir;
use tests::programs::{program, screenshots};
use tests::{Board, Browser, Lang, Theme, View};

fn board(folder: &TempDir) -> Board {
    let mut board = Board::prepare(&program("corral"), &folder.path().join("data")).with_cards();
    board.launch();
    board
}

/// The text of the cards that are shown, once their figures are.
const SHOWN: &str = "const all = [...document.querySelectorAll('.rail-cards')].filter(e => e.offsetParent);
                     return all.length === 1 && all[0].innerText.includes('°C') && all[0].innerText";
/// Opens what a phone has no room for.
const MORE: &str = "document.querySelector('.rail-more button').click()";

#[tokio::test]
async fn the_rail_shows_each_card_with_its_figures() {
    let folder = TempDir::new().expect("a folder");
    let board = board(&folder);
    let browser = Browser::open(View::default()).await;
    browser.goto(&format!("{}/new", board.url)).await;
    let told = browser.until(SHOWN).await;
    let told = told.as_str().expect("a text");
    for part in ["RTX 3060", "RTX 2060", "12.9 GB", "W"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // the card that is too old can't be chosen, and says why
    let old = "const o = document.querySelector('#field-device option[value=\"cuda:1\"]'); return o?.disabled && o.textContent";
    let why = browser.until(old).await;
    assert!(why.as_str().is_some_and(|why| why.contains("RTX 2060 (")), "{why}");
    let phone = Browser::open(PHONE).await;
    phone.goto(&board.url).await;
    phone
        .until("return document.querySelector('.rail-more button') && true")
        .await;
    phone.eval(MORE).await;
    let told = phone.until(SHOWN).await;
    assert!(told.as_str().is_some_and(|told| told.contains("RTX 3060")), "{told}");
}

/// Not part of `make test`: pictures are looked at, `target/screenshots/cards-…`.
#[tokio::test]
#[ignore = "pictures to look at: cargo test --workspace --test browser cards -- --ignored"]
async fn cards_in_every_dress() {
    let folder = TempDir::new().expect("a folder");
    let board = board(&folder);
    for lang in [Lang::En, Lang::Ja, Lang::Zh] {
        for theme in [Theme::Light, Theme::Dark] {
            for (width, height) in [(1440, 900), (390, 844)] {
                let view = View {
                    width,
                    height,
                    theme,
                    lang,
                };
                let browser = Browser::open(view).await;
                browser.goto(&board.url).await;
                browser
                    .until("return document.querySelector('.machine')?.textContent.length > 20")
                    .await;
                if width < 640 {
                    browser.eval(MORE).await;
                }
                browser.until(SHOWN).await;
                let name = format!("cards-{lang:?}-{theme:?}-{width}.png").to_lowercase();
                browser.screenshot_to(&screenshots().join(name), false).await;
            }
        }
    }
}
