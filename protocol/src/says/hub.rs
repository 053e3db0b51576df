//! What went wrong with a hub, and why.

super::sentences! {
    HUB

    hub_broken(file, reason):
        "the download of {file} failed: {reason}. What arrived is kept; try again to go on",
        "{file} をダウンロードできませんでした: {reason}。届いた分は残っているので、やり直すと続きから始まります",
        "无法下载 {file}：{reason}。已下载的部分会保留，重试将从断点继续";
    hub_wrong(file, reason):
        "what the hub sends of {file} is not used: {reason}. Nothing of it is kept; ask its owner, or try another hub or revision",
        "ハブが送る {file} は使えません: {reason}。何も残していません。公開者に尋ねるか、別のハブやリビジョンを試してください",
        "无法使用仓库发来的 {file}：{reason}。未保留任何内容；请询问其发布者，或换用其他仓库或版本";
    hub_offline(name):
        "no hub is asked for {name} while HF_HUB_OFFLINE is set, and what of it is in the cache is not all that is wanted: unset it to download",
        "HF_HUB_OFFLINE が設定されているため、{name} についてハブに問い合わせません。キャッシュにも必要なものは揃っていません。ダウンロードするには設定を外してください",
        "设置了 HF_HUB_OFFLINE，因此不会向仓库请求 {name}，而缓存中也没有所需的全部内容；要下载请取消该设置";
    hub_offline_plan(name):
        "what {name} takes is the hub's to say, which is not asked while HF_HUB_OFFLINE is set: unset it to see",
        "{name} の大きさはハブに問い合わせないと分かりませんが、HF_HUB_OFFLINE が設定されています。設定を外してください",
        "{name} 的大小需向仓库查询，但设置了 HF_HUB_OFFLINE；请取消该设置";
    asking_failed(message): "asking it failed: {message}", "問い合わせに失敗しました: {message}", "请求失败：{message}";
    no_endpoint(): "the hub's endpoint is no address", "ハブのエンドポイントがアドレスではありません", "仓库的端点不是有效地址";
    no_address(): "it is no address", "アドレスではありません", "不是有效地址";
    redirect_nowhere(): "a redirect leads nowhere", "リダイレクト先がありません", "重定向没有去处";
    redirect_circles(): "it redirects in circles", "リダイレクトが循環しています", "重定向循环";
    hub_answers(status): "the hub answers {status}", "ハブの応答は {status} です", "仓库返回 {status}";
    hub_come_again(seconds):
        "the hub takes no more questions for {seconds} s",
        "ハブは {seconds} 秒間、問い合わせを受け付けません",
        "仓库在 {seconds} 秒内不再接受请求";
    hub_says(message): "the hub says: {message}", "ハブの返答: {message}", "仓库回复：{message}";
    list_past_disks():
        "the hub's list says that its files are larger than any disk",
        "ハブの一覧では、ファイルがどのディスクよりも大きくなっています",
        "仓库的列表称其文件大于任何磁盘";
    no_usable_sum(): "the hub's list has no usable SHA-256 of it", "ハブの一覧に使える SHA-256 がありません", "仓库的列表中没有可用的 SHA-256";
    no_usable_etag(): "the hub sends no usable etag", "ハブが使える etag を送りません", "仓库没有发来可用的 etag";
    no_length(): "the hub does not say how long it is", "ハブが長さを伝えません", "仓库没有说明其长度";
    no_commit(): "the hub names no commit", "ハブがコミットを示しません", "仓库没有给出提交";
    not_listed(): "the hub does not list it", "ハブの一覧にありません", "仓库的列表中没有它";
    odd_file_name():
        "its name has characters that no file's should",
        "名前にファイル名として使えない文字があります",
        "其名称含有文件名不应有的字符";
    other_download(): "another download of it goes on", "別のダウンロードが進行中です", "它正在被另一个下载任务下载";
    which_part(): "the hub sends a part and not which", "ハブは一部を送りましたが、どの部分かを示しません", "仓库发来了一部分，却没有说明是哪一部分";
    other_part():
        "the hub sends another part than was asked for",
        "ハブは求めたのとは別の部分を送りました",
        "仓库发来的不是所请求的部分";
    ended_early(): "the connection ended early", "接続が途中で切れました", "连接提前结束";
    not_whole(): "it did not arrive whole", "壊れて届きました", "到达的内容不完整";
    listed_length(listed, sent):
        "the hub lists {listed} bytes and sends {sent}",
        "ハブの一覧では {listed} バイトですが、送られたのは {sent} バイトです",
        "仓库列出 {listed} 字节，却发来 {sent} 字节";
    silent(seconds): "nothing came for {seconds} s", "{seconds} 秒間何も届きませんでした", "{seconds} 秒内没有收到任何内容";
}
