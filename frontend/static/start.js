// Loads the board's module. A content security policy without inline scripts wants this in a file.
import start from "./board.js";

start({ module_or_path: new URL("board_bg.wasm", import.meta.url) });
