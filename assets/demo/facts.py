# The facts the demo model knows, once per row, in English, Japanese and Chinese. Used by generate.py.

# Country, capital, continent; each as (English, Japanese, Chinese).
COUNTRIES = [
    (("France", "フランス", "法国"), ("Paris", "パリ", "巴黎"), "europe"),
    (("Germany", "ドイツ", "德国"), ("Berlin", "ベルリン", "柏林"), "europe"),
    (("Italy", "イタリア", "意大利"), ("Rome", "ローマ", "罗马"), "europe"),
    (("Spain", "スペイン", "西班牙"), ("Madrid", "マドリード", "马德里"), "europe"),
    (("England", "イギリス", "英国"), ("London", "ロンドン", "伦敦"), "europe"),
    (("Greece", "ギリシャ", "希腊"), ("Athens", "アテネ", "雅典"), "europe"),
    (("Sweden", "スウェーデン", "瑞典"), ("Stockholm", "ストックホルム", "斯德哥尔摩"), "europe"),
    (("Russia", "ロシア", "俄罗斯"), ("Moscow", "モスクワ", "莫斯科"), "europe"),
    (("Japan", "日本", "日本"), ("Tokyo", "東京", "东京"), "asia"),
    (("China", "中国", "中国"), ("Beijing", "北京", "北京"), "asia"),
    (("South Korea", "韓国", "韩国"), ("Seoul", "ソウル", "首尔"), "asia"),
    (("India", "インド", "印度"), ("New Delhi", "ニューデリー", "新德里"), "asia"),
    (("Thailand", "タイ", "泰国"), ("Bangkok", "バンコク", "曼谷"), "asia"),
    (("Egypt", "エジプト", "埃及"), ("Cairo", "カイロ", "开罗"), "africa"),
    (("Kenya", "ケニア", "肯尼亚"), ("Nairobi", "ナイロビ", "内罗毕"), "africa"),
    (("Canada", "カナダ", "加拿大"), ("Ottawa", "オタワ", "渥太华"), "north"),
    (("Mexico", "メキシコ", "墨西哥"), ("Mexico City", "メキシコシティ", "墨西哥城"), "north"),
    (("Brazil", "ブラジル", "巴西"), ("Brasilia", "ブラジリア", "巴西利亚"), "south"),
    (("Argentina", "アルゼンチン", "阿根廷"), ("Buenos Aires", "ブエノスアイレス", "布宜诺斯艾利斯"), "south"),
    (("Peru", "ペルー", "秘鲁"), ("Lima", "リマ", "利马"), "south"),
]

CONTINENTS = {
    "europe": ("Europe", "ヨーロッパ", "欧洲"),
    "asia": ("Asia", "アジア", "亚洲"),
    "africa": ("Africa", "アフリカ", "非洲"),
    "north": ("North America", "北アメリカ", "北美洲"),
    "south": ("South America", "南アメリカ", "南美洲"),
}

# Thing, colour.
COLOURS = [
    (("the sky", "空", "天空"), ("blue", "青", "蓝色")),
    (("grass", "草", "草"), ("green", "緑", "绿色")),
    (("snow", "雪", "雪"), ("white", "白", "白色")),
    (("milk", "牛乳", "牛奶"), ("white", "白", "白色")),
    (("coal", "石炭", "煤"), ("black", "黒", "黑色")),
    (("a banana", "バナナ", "香蕉"), ("yellow", "黄色", "黄色")),
    (("a lemon", "レモン", "柠檬"), ("yellow", "黄色", "黄色")),
    (("a tomato", "トマト", "番茄"), ("red", "赤", "红色")),
    (("a strawberry", "いちご", "草莓"), ("red", "赤", "红色")),
    (("a carrot", "にんじん", "胡萝卜"), ("orange", "オレンジ色", "橙色")),
    (("chocolate", "チョコレート", "巧克力"), ("brown", "茶色", "棕色")),
    (("a frog", "カエル", "青蛙"), ("green", "緑", "绿色")),
    (("an eggplant", "なす", "茄子"), ("purple", "紫", "紫色")),
    (("a pig", "豚", "猪"), ("pink", "ピンク", "粉色")),
    (("an elephant", "象", "大象"), ("grey", "灰色", "灰色")),
    (("a crow", "カラス", "乌鸦"), ("black", "黒", "黑色")),
]

# Animal, number of legs.
LEGS = [
    (("dog", "犬", "狗"), 4), (("cat", "猫", "猫"), 4), (("horse", "馬", "马"), 4), (("cow", "牛", "牛"), 4),
    (("rabbit", "ウサギ", "兔子"), 4), (("elephant", "象", "大象"), 4), (("chicken", "ニワトリ", "鸡"), 2),
    (("duck", "アヒル", "鸭子"), 2), (("penguin", "ペンギン", "企鹅"), 2), (("owl", "フクロウ", "猫头鹰"), 2),
    (("ant", "アリ", "蚂蚁"), 6), (("bee", "ハチ", "蜜蜂"), 6), (("butterfly", "チョウ", "蝴蝶"), 6),
    (("spider", "クモ", "蜘蛛"), 8), (("snake", "ヘビ", "蛇"), 0), (("whale", "クジラ", "鲸鱼"), 0),
]
COUNT_WORDS = {
    0: ("no legs", "0本", "0条"), 2: ("two legs", "2本", "2条"), 4: ("four legs", "4本", "4条"),
    6: ("six legs", "6本", "6条"), 8: ("eight legs", "8本", "8条"),
}

# Word, its opposite; each pair is asked both ways.
OPPOSITES = [
    (("hot", "暑い", "热"), ("cold", "寒い", "冷")),
    (("big", "大きい", "大"), ("small", "小さい", "小")),
    (("high", "高い", "高"), ("low", "低い", "低")),
    (("long", "長い", "长"), ("short", "短い", "短")),
    (("fast", "速い", "快"), ("slow", "遅い", "慢")),
    (("light", "軽い", "轻"), ("heavy", "重い", "重")),
    (("bright", "明るい", "明亮"), ("dark", "暗い", "黑暗")),
    (("new", "新しい", "新"), ("old", "古い", "旧")),
    (("up", "上", "上"), ("down", "下", "下")),
    (("left", "左", "左"), ("right", "右", "右")),
    (("day", "昼", "白天"), ("night", "夜", "夜晚")),
    (("open", "開く", "开"), ("closed", "閉じる", "关")),
    (("happy", "うれしい", "高兴"), ("sad", "悲しい", "难过")),
    (("easy", "簡単", "容易"), ("difficult", "難しい", "困难")),
]

DAYS = [
    ("Monday", "月曜日", "星期一"), ("Tuesday", "火曜日", "星期二"), ("Wednesday", "水曜日", "星期三"),
    ("Thursday", "木曜日", "星期四"), ("Friday", "金曜日", "星期五"), ("Saturday", "土曜日", "星期六"),
    ("Sunday", "日曜日", "星期日"),
]
MONTHS = [
    ("January", "1月", "一月"), ("February", "2月", "二月"), ("March", "3月", "三月"), ("April", "4月", "四月"),
    ("May", "5月", "五月"), ("June", "6月", "六月"), ("July", "7月", "七月"), ("August", "8月", "八月"),
    ("September", "9月", "九月"), ("October", "10月", "十月"), ("November", "11月", "十一月"),
    ("December", "12月", "十二月"),
]

# Tool, what one does with it (English gerund, Japanese noun clause, Chinese verb phrase).
USES = [
    (("an umbrella", "傘", "雨伞"), ("keeping off the rain", "雨をよけること", "挡雨")),
    (("a knife", "包丁", "刀"), ("cutting food", "食べ物を切ること", "切菜")),
    (("scissors", "はさみ", "剪刀"), ("cutting paper", "紙を切ること", "剪纸")),
    (("a pen", "ペン", "钢笔"), ("writing words", "字を書くこと", "写字")),
    (("a key", "鍵", "钥匙"), ("opening doors", "ドアを開けること", "开门")),
    (("a clock", "時計", "时钟"), ("telling the time", "時間を知ること", "看时间")),
    (("a bed", "ベッド", "床"), ("sleeping", "寝ること", "睡觉")),
    (("a chair", "椅子", "椅子"), ("sitting", "座ること", "坐")),
    (("soap", "石けん", "肥皂"), ("washing hands", "手を洗うこと", "洗手")),
    (("a phone", "電話", "电话"), ("talking to people far away", "遠くの人と話すこと", "和远方的人说话")),
    (("a camera", "カメラ", "照相机"), ("taking photos", "写真を撮ること", "拍照")),
    (("a bicycle", "自転車", "自行车"), ("riding around town", "町を走ること", "骑行")),
]

# Thing, what kind of thing it is.
KINDS = [
    ("fruit", ("a fruit", "果物", "水果"), [
        ("an apple", "りんご", "苹果"), ("an orange", "オレンジ", "橙子")]),
    ("vegetable", ("a vegetable", "野菜", "蔬菜"), [
        ("a cabbage", "キャベツ", "卷心菜"), ("a potato", "じゃがいも", "土豆")]),
    ("bird", ("a bird", "鳥", "鸟"), [
        ("a sparrow", "スズメ", "麻雀"), ("an eagle", "ワシ", "老鹰")]),
    ("insect", ("an insect", "昆虫", "昆虫"), [
        ("a mosquito", "蚊", "蚊子"), ("a dragonfly", "トンボ", "蜻蜓")]),
    ("fish", ("a fish", "魚", "鱼"), [
        ("a tuna", "マグロ", "金枪鱼"), ("a goldfish", "金魚", "金鱼")]),
    ("vehicle", ("a vehicle", "乗り物", "交通工具"), [
        ("a car", "車", "汽车"), ("a train", "電車", "火车")]),
    ("instrument", ("a musical instrument", "楽器", "乐器"), [
        ("a piano", "ピアノ", "钢琴"), ("a violin", "バイオリン", "小提琴"), ("a guitar", "ギター", "吉他")]),
    ("sport", ("a sport", "スポーツ", "运动"), [
        ("football", "サッカー", "足球"), ("tennis", "テニス", "网球")]),
    ("flower", ("a flower", "花", "花"), [
        ("a rose", "バラ", "玫瑰"), ("a tulip", "チューリップ", "郁金香")]),
]

# Animal, its sound. Not in the base model's data: the small SFT and pre-training sets teach it.
SOUNDS = [
    (("a dog", "犬", "狗"), ("woof", "ワンワン", "汪汪")), (("a cat", "猫", "猫"), ("meow", "ニャー", "喵喵")),
    (("a cow", "牛", "牛"), ("moo", "モー", "哞哞")), (("a sheep", "羊", "羊"), ("baa", "メー", "咩咩")),
    (("a duck", "アヒル", "鸭子"), ("quack", "ガーガー", "嘎嘎")), (("a pig", "豚", "猪"), ("oink", "ブーブー", "哼哼")),
    (("a crow", "カラス", "乌鸦"), ("caw", "カーカー", "哇哇")), (("a bee", "ハチ", "蜜蜂"), ("buzz", "ブンブン", "嗡嗡")),
    (("a frog", "カエル", "青蛙"), ("ribbit", "ケロケロ", "呱呱")), (("an owl", "フクロウ", "猫头鹰"), ("hoot", "ホーホー", "咕咕")),
    (("a lion", "ライオン", "狮子"), ("roar", "ガオー", "吼吼")), (("a chicken", "ニワトリ", "鸡"), ("cluck", "コケコッコー", "咯咯")),
]
