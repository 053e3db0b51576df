//! The component library: small components, and the classes of `style/20-ui.css` and its kin for what needs no component.
//!
//! Plain elements carry classes: `btn`, `btn primary`, `btn ghost`, `btn danger`, `btn icon` (square, wants an
//! `aria-label`), `input`, `select`, `textarea`, `chip`, `chip on`, `badge`, `mono`, `num`, `muted`, `faint`, `kbd`,
//! `card`, `row` and `stack` (flex, 8 px), `grow`, `table` (12 px, hairlines), `sr` (for screen readers alone).

pub mod catalogue;
mod copy;
mod dialog;
mod empty;
mod field;
pub mod hub;
mod icon;
mod keys;
mod marked;
mod menu;
mod origin;
mod page;
mod progress;
mod rows;
mod save;
mod start_again;
mod state;
mod stepper;
mod tabs;
mod toast;
mod window;

pub use copy::{CodeBlock, CopyButton};
pub use dialog::{ConfirmDialog, Dialog};
pub use empty::{EmptyState, ErrorNote, Skeleton};
pub use field::{Checkbox, Field, Select, TextField};
pub use icon::{Icon, IconName};
pub use keys::use_page_keys;
pub use marked::marked;
pub use menu::{Menu, MenuItem, Popover};
pub use origin::OriginBadge;
pub use page::{Breadcrumb, PageHead};
pub use progress::{Progress, Sparkline, sparkline};
pub use rows::use_row_keys;
pub use save::{SaveItem, SaveItems, SaveMenu, SaveMenuOf, save_sheet, sheet_items, svg_items};
pub use start_again::StartAgain;
pub use state::{StateDot, state_dot, state_word};
pub use stepper::{Stepper, StepperLabels};
pub use tabs::Tabs;
pub use toast::{Toaster, Toasts, use_toaster};
pub use window::RowWindow;
