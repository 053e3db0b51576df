//! NVIDIA's cards: what is missing to train on one, and what to do.

super::sentences! {
    CUDA

    cuda_later():
        "this version of Corral trains on the CPU only",
        "このバージョンの Corral は CPU でのみ学習します",
        "此版本的 Corral 仅支持 CPU 训练";
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
        "device: cuda:{index} — there is no such card: this program sees {cards}, numbered from 0",
        "device: cuda:{index} — そのカードはありません。このプログラムから見えるカードは {cards} 枚で、0 から数えます",
        "device: cuda:{index} — 没有这块显卡：本程序可见 {cards} 块，从 0 开始编号";
    on_cpu_instead(why):
        "trains on the CPU: {why}",
        "CPU で学習します: {why}",
        "改用 CPU 训练：{why}";
    cuda_unavailable(why):
        "device: cuda — {why}",
        "device: cuda — {why}",
        "device: cuda — {why}";
}
