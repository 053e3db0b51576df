//! NVIDIA's cards: what is missing to train on one, and what to do.

super::sentences! {
    CUDA

    cuda_silent():
        "corral-trainer did not say what cards this machine has",
        "このマシンのカードについて corral-trainer が答えませんでした",
        "corral-trainer 没有说明这台机器有哪些显卡";
    no_cuda_driver():
        "there is no NVIDIA driver on this machine (libcuda.so.1 is not found): install NVIDIA's driver, version 525 or newer",
        "このマシンに NVIDIA ドライバーがありません（libcuda.so.1 が見つかりません）。バージョン 525 以降のドライバーをインストールしてください",
        "这台机器没有 NVIDIA 驱动（找不到 libcuda.so.1）：请安装 525 或更新版本的驱动";
    cuda_stub(path):
        "{path} is a stub for building programs, not the driver: take its folder out of LD_LIBRARY_PATH, or install NVIDIA's driver",
        "{path} はビルド用のスタブで、ドライバーではありません。そのフォルダーを LD_LIBRARY_PATH から外すか、NVIDIA ドライバーをインストールしてください",
        "{path} 是用于构建的存根，不是驱动：请把其文件夹从 LD_LIBRARY_PATH 中去掉，或安装 NVIDIA 驱动";
    cuda_fails(path, call, why):
        "the NVIDIA driver ({path}) does not answer: {call} says {why}; see whether `nvidia-smi` works",
        "NVIDIA ドライバー（{path}）が応答しません。{call} の結果は {why} です。`nvidia-smi` が動くか確かめてください",
        "NVIDIA 驱动（{path}）没有响应：{call} 返回 {why}；请确认 `nvidia-smi` 能否运行";
    cuda_driver_old(version):
        "the NVIDIA driver is too old: it runs CUDA {version}, and 12.0 is the least; install driver 525 or newer",
        "NVIDIA ドライバーが古すぎます。対応する CUDA は {version} ですが、12.0 以降が必要です。ドライバー 525 以降をインストールしてください",
        "NVIDIA 驱动过旧：它支持的 CUDA 是 {version}，至少需要 12.0；请安装 525 或更新版本的驱动";
    no_cuda_card():
        "the NVIDIA driver finds no card",
        "NVIDIA ドライバーがカードを見つけられません",
        "NVIDIA 驱动找不到显卡";
    no_visible_card(value):
        "CUDA_VISIBLE_DEVICES={value} leaves no card to be seen: name one that the machine has, or unset it",
        "CUDA_VISIBLE_DEVICES={value} では使えるカードがありません。このマシンにあるカードを指定するか、設定を外してください",
        "CUDA_VISIBLE_DEVICES={value} 使任何显卡都不可见：请指定这台机器有的显卡，或取消设置";
    old_card(name, capability):
        "{name} has compute capability {capability}; cards from 8.0 on (RTX 30, A100 and newer) can be trained on, as older ones do not compute in bf16",
        "{name} の compute capability は {capability} です。学習できるのは 8.0 以降（RTX 30、A100 以降）のカードで、それより古いものは bf16 で計算できません",
        "{name} 的计算能力是 {capability}；可用于训练的是 8.0 及以上的显卡（RTX 30、A100 及更新），更旧的不能以 bf16 计算";
    no_cublas(size):
        "cuBLAS, NVIDIA's library of matrix products, is not found: `corral cuda install` fetches it ({size}), a PyTorch with CUDA brings it too",
        "NVIDIA の行列積ライブラリー cuBLAS が見つかりません。`corral cuda install` で取得できます（{size}）。CUDA 対応の PyTorch にも含まれています",
        "找不到 NVIDIA 的矩阵乘法库 cuBLAS：可用 `corral cuda install` 获取（{size}），带 CUDA 的 PyTorch 中也有";
    bad_cublas(tried):
        "no cuBLAS of this machine can be used ({tried}): `corral cuda install` fetches one that can",
        "このマシンの cuBLAS はどれも使えません（{tried}）。`corral cuda install` で使えるものを取得できます",
        "这台机器上的 cuBLAS 都无法使用（{tried}）：可用 `corral cuda install` 获取可用的";
    no_such_card(index, cards):
        "there is no card {index}: this program sees {cards}, numbered from 0",
        "カード {index} はありません。このプログラムから見えるカードは {cards} 枚で、0 から数えます",
        "没有显卡 {index}：本程序可见 {cards} 块，从 0 开始编号";
    on_cpu_instead(why):
        "computes on the CPU: {why}",
        "CPU で計算します: {why}",
        "改用 CPU 计算：{why}";
    heads_too_wide_for_card(width, most):
        "this model's attention heads have {width} values, and cards compute heads of up to {most}: set device to cpu",
        "このモデルの注意ヘッドの幅は {width} ですが、カードで計算できるのは {most} までです。device を cpu にしてください",
        "此模型的注意力头宽 {width}，而显卡最多计算 {most}：请把 device 设为 cpu";
    card_lacks_room(name, need, free, total):
        "{name} has {free} of its {total} free, and this takes about {need}",
        "{name} の空きは {total} 中 {free} で、必要なのは約 {need} です",
        "{name} 的 {total} 显存中剩余 {free}，而这需要约 {need}";
    card_full(wanted, free, total):
        "the card has no room for {wanted} more: {free} of its {total} are free; the last checkpoint is kept",
        "カードのメモリが足りません。さらに {wanted} 必要ですが、空きは {total} 中 {free} です。最後のチェックポイントは残っています",
        "显存不足：还需要 {wanted}，而 {total} 中仅剩 {free}；最后的检查点已保留";
    card_full_so(what, advice): "{what}. {advice}", "{what}。{advice}", "{what}。{advice}";
    card_would_do(keys, need):
        "With {keys} the run needs about {need}",
        "{keys} にすると、必要なメモリは約 {need} です",
        "改为 {keys} 后，大约需要 {need}";
    card_is_too_small(need):
        "The least this model needs here is about {need}: take a smaller or quantized model, or a card with more memory",
        "このモデルでは最小でも約 {need} 必要です。より小さいモデルや量子化されたモデル、またはメモリの多いカードを使ってください",
        "此模型在这里至少需要约 {need}：请换更小或已量化的模型，或显存更大的显卡";
    card_is_shared(need, total):
        "The run needs about {need} of {total}, so something else holds the rest: `nvidia-smi` shows what; end it, or choose another card by `device`",
        "この実行に必要なのは {total} 中の約 {need} で、残りはほかのプログラムが使っています。`nvidia-smi` で確かめて終了するか、`device` で別のカードを選んでください",
        "该运行需要 {total} 中的约 {need}，其余被其他程序占用：用 `nvidia-smi` 查看并结束它，或用 `device` 选择另一块显卡";
    library_line(name, version, path): "{name} {version}: {path}", "{name} {version}: {path}", "{name} {version}：{path}";
    no_library_line(name): "{name}: not found", "{name}: ありません", "{name}：未找到";
    card_line(index, name, memory, capability):
        "cuda:{index}: {name}, {memory}, compute capability {capability}",
        "cuda:{index}: {name}、{memory}、compute capability {capability}",
        "cuda:{index}：{name}，{memory}，计算能力 {capability}";
    card_line_but(line, why): "{line} — {why}", "{line} — {why}", "{line} — {why}";
    no_card_trains(why):
        "No card can be trained on: {why}",
        "カードでは学習できません: {why}",
        "无法用显卡训练：{why}";
    cards_train(count):
        "{count|card|cards} can be trained on",
        "{count} 枚のカードで学習できます",
        "{count} 块显卡可用于训练";
    cublas_is_there(version, path):
        "cuBLAS {version} is there already: {path}",
        "cuBLAS {version} はすでにあります: {path}",
        "cuBLAS {version} 已存在：{path}";
    fetches_cublas(package, version, size, tool, folder):
        "Fetches {package} {version} ({size}) with {tool} into {folder}",
        "{package} {version}（{size}）を {tool} で {folder} に取得します",
        "用 {tool} 把 {package} {version}（{size}）获取到 {folder}";
    cublas_installed(folder):
        "cuBLAS lies in {folder}; `corral cuda status` says what the card can do with it",
        "cuBLAS を {folder} に置きました。`corral cuda status` で確認できます",
        "cuBLAS 已放入 {folder}；可用 `corral cuda status` 查看";
    no_pip():
        "This machine has neither uv nor pip, which fetch packages. Type these two lines:",
        "パッケージを取得する uv も pip もこのマシンにありません。次の 2 行を実行してください:",
        "这台机器既没有 uv 也没有 pip，无法获取软件包。请输入以下两行：";
    no_room_for_cublas(free, needed):
        "{free} are free on this disk, and unpacking cuBLAS takes {needed}: make room, or set DATA_DIR to a folder on another disk",
        "このディスクの空きは {free} ですが、cuBLAS の展開には {needed} 必要です。空きを作るか、DATA_DIR を別のディスクのフォルダーにしてください",
        "此磁盘剩余 {free}，而解包 cuBLAS 需要 {needed}：请腾出空间，或把 DATA_DIR 设为其他磁盘上的文件夹";
    tool_not_started(tool, why): "{tool} can't be started: {why}", "{tool} を起動できません: {why}", "{tool} 无法启动：{why}";
    tool_failed(tool, status):
        "{tool} did not fetch cuBLAS ({status}); its own lines above say why, and nothing was installed",
        "{tool} は cuBLAS を取得できませんでした（{status}）。理由は上の行にあります。何もインストールしていません",
        "{tool} 没能获取 cuBLAS（{status}）；原因见上面的输出，没有安装任何内容";
    cuda_unavailable(why):
        "device: cuda — {why}",
        "device: cuda — {why}",
        "device: cuda — {why}";
}
