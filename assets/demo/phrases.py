# How each topic is asked and answered, in English, Japanese and Chinese. Used by generate.py.
#
# {a} is the subject of a fact and {b} its answer; {A} and {B} are the same with a capital letter. Per topic and language:
# `ask`, ways to put the question; `say`, full sentences that state the fact; `curt`, the short reply;
# `offer`, how a helpful reply goes on.

TOPICS = {
    "capital": {
        "en": {
            "ask": ["What is the capital of {a}?", "Which city is the capital of {a}?", "Tell me the capital of {a}.",
                    "What's the capital city of {a}?", "Do you know the capital of {a}?", "Name the capital of {a}.",
                    "{a}'s capital is which city?"],
            "say": ["The capital of {a} is {b}.", "In {a}, the capital is {b}.", "{a}'s capital city is {b}."],
            "curt": "{B}.",
            "offer": ["Would you like to know more about {a}?", "Shall I tell you more about {b}?"],
        },
        "ja": {
            "ask": ["{a}の首都はどこですか。", "{a}の首都を教えてください。", "{a}の首都はどの都市ですか。", "{a}の首都は？",
                    "{a}の首都を知っていますか。", "{a}の首都の名前は何ですか。", "どこが{a}の首都ですか。"],
            "say": ["{a}の首都は{b}です。", "{a}という国の首都は{b}です。", "{a}の首都の名前は{b}です。"],
            "curt": "{b}。",
            "offer": ["{a}についてもっと知りたいですか。", "{b}についてもお話ししましょうか。"],
        },
        "zh": {
            "ask": ["{a}的首都是哪里？", "{a}的首都是什么？", "请告诉我{a}的首都。", "{a}的首都是哪座城市？", "你知道{a}的首都吗？",
                    "{a}的首都叫什么名字？", "哪座城市是{a}的首都？"],
            "say": ["{a}的首都是{b}。", "{a}这个国家的首都是{b}。", "{a}的首都叫{b}。"],
            "curt": "{b}。",
            "offer": ["您想多了解一些{a}吗？", "要不要我再介绍一下{b}？"],
        },
    },
    "continent": {
        "en": {
            "ask": ["Which continent is {a} in?", "What continent is {a} on?", "Where in the world is {a}?",
                    "Tell me the continent of {a}.", "On which continent do we find {a}?", "Where is {a}?"],
            "say": ["{a} is in {b}.", "{a} is a country in {b}.", "We find {a} in {b}."],
            "curt": "{B}.",
            "offer": ["Would you like to know more about {a}?", "Shall I name other countries in {b}?"],
        },
        "ja": {
            "ask": ["{a}はどの大陸にありますか。", "{a}はどこにありますか。", "{a}は世界のどこにある国ですか。",
                    "{a}がある大陸を教えてください。", "{a}がある大陸はどこですか。", "{a}は何大陸ですか。"],
            "say": ["{a}は{b}にあります。", "{a}は{b}の国です。", "{a}がある大陸は{b}です。"],
            "curt": "{b}。",
            "offer": ["{a}についてもっと知りたいですか。", "{b}のほかの国も紹介しましょうか。"],
        },
        "zh": {
            "ask": ["{a}在哪个洲？", "{a}在哪里？", "{a}位于哪个大洲？", "请告诉我{a}在哪个洲。", "{a}是哪个洲的国家？", "哪个洲有{a}？"],
            "say": ["{a}在{b}。", "{a}是{b}的国家。", "{a}位于{b}。"],
            "curt": "{b}。",
            "offer": ["您想多了解一些{a}吗？", "要不要我再介绍{b}的其他国家？"],
        },
    },
    "colour": {
        "en": {
            "ask": ["What colour is {a}?", "Which colour is {a}?", "Tell me the colour of {a}.", "What is the colour of {a}?",
                    "Do you know the colour of {a}?", "What color is {a}?"],
            "say": ["{A} is {b}.", "The colour of {a} is {b}.", "If we look, {a} is {b}."],
            "curt": "{B}.",
            "offer": ["Would you like to hear of other {b} things?", "Shall I tell you more about it?"],
        },
        "ja": {
            "ask": ["{a}は何色ですか。", "{a}の色は何ですか。", "{a}の色を教えてください。", "{a}はどんな色ですか。",
                    "{a}の色を知っていますか。", "{a}は何色？"],
            "say": ["{a}の色は{b}です。", "{a}は{b}です。", "見ると、{a}は{b}です。"],
            "curt": "{b}。",
            "offer": ["ほかの{b}のものも紹介しましょうか。", "{a}についてもっと知りたいですか。"],
        },
        "zh": {
            "ask": ["{a}是什么颜色的？", "{a}的颜色是什么？", "请告诉我{a}的颜色。", "{a}是哪种颜色？", "你知道{a}的颜色吗？", "{a}什么颜色？"],
            "say": ["{a}是{b}的。", "{a}的颜色是{b}。", "看起来，{a}是{b}的。"],
            "curt": "{b}。",
            "offer": ["要不要我再说说其他{b}的东西？", "您想多了解一些{a}吗？"],
        },
    },
    "legs": {
        "en": {
            "ask": ["How many legs does {a} have?", "How many legs are there on {a}?", "Tell me how many legs {a} has.",
                    "{A} has how many legs?", "Do you know how many legs {a} has?", "What is the number of legs of {a}?"],
            "say": ["{A} has {b}.", "In all, {a} has {b}.", "An animal such as {a} has {b}."],
            "curt": "{B}.",
            "offer": ["Would you like to know more about it?", "Shall I tell you about other animals?"],
        },
        "ja": {
            "ask": ["{a}の足は何本ですか。", "{a}には足が何本ありますか。", "{a}の足の数を教えてください。", "{a}の足の数はいくつですか。",
                    "{a}の足が何本か知っていますか。", "{a}の足は何本？"],
            "say": ["{a}の足は{b}です。", "{a}の足の数は{b}です。", "{a}という動物の足は{b}です。"],
            "curt": "{b}。",
            "offer": ["{a}についてもっと知りたいですか。", "ほかの動物についてもお話ししましょうか。"],
        },
        "zh": {
            "ask": ["{a}有几条腿？", "{a}有多少条腿？", "请告诉我{a}有几条腿。", "{a}的腿有几条？", "你知道{a}有几条腿吗？", "{a}一共有几条腿？"],
            "say": ["{a}有{b}腿。", "{a}一共有{b}腿。", "{a}的腿有{b}。"],
            "curt": "{b}。",
            "offer": ["您想多了解一些{a}吗？", "要不要我再讲讲其他动物？"],
        },
    },
    "opposite": {
        "en": {
            "ask": ["What is the opposite of {a}?", "Tell me the opposite of {a}.", "Which word is the opposite of {a}?",
                    "Do you know the opposite of {a}?", "What's the opposite of \"{a}\"?", "Give me the opposite of {a}."],
            "say": ["The opposite of {a} is {b}.", "We say that the opposite of {a} is {b}.", "The opposite word of {a} is {b}."],
            "curt": "{B}.",
            "offer": ["Would you like another pair of opposites?", "Shall I use {b} in a sentence?"],
        },
        "ja": {
            "ask": ["「{a}」の反対は何ですか。", "「{a}」の反対の言葉を教えてください。", "「{a}」の反対語は何ですか。", "「{a}」の反対は？",
                    "「{a}」の反対を知っていますか。", "「{a}」の反対の意味の言葉は何ですか。"],
            "say": ["「{a}」の反対は「{b}」です。", "「{a}」の反対は、つまり「{b}」です。", "「{a}」の反対の言葉は「{b}」です。"],
            "curt": "{b}。",
            "offer": ["ほかの反対語も紹介しましょうか。", "「{b}」を使った文も作りましょうか。"],
        },
        "zh": {
            "ask": ["“{a}”的反义词是什么？", "“{a}”的相反是什么？", "请告诉我“{a}”的反义词。", "哪个词是“{a}”的反义词？",
                    "你知道“{a}”的反义词吗？", "和“{a}”相反的词是什么？"],
            "say": ["“{a}”的反义词是“{b}”。", "“{a}”的相反是“{b}”。", "和“{a}”相反的词是“{b}”。"],
            "curt": "{b}。",
            "offer": ["要不要我再说几个反义词？", "您想用“{b}”造一个句子吗？"],
        },
    },
    "sum": {
        "en": {
            "ask": ["What is {a}?", "How much is {a}?", "Tell me what {a} is.", "Can you work out {a}?", "{A} is how much?"],
            "say": ["{A} is {b}.", "If we work it out, {a} is {b}.", "The answer to {a} is {b}."],
            "curt": "{b}.",
            "offer": ["Would you like to try another sum?", "Shall I show you how to work it out?"],
        },
        "ja": {
            "ask": ["{a}はいくつですか。", "{a}を計算してください。", "{a}の答えは何ですか。", "{a}は？", "{a}はいくらになりますか。"],
            "say": ["{a}は{b}です。", "計算すると、{a}は{b}です。", "{a}の答えは{b}です。"],
            "curt": "{b}。",
            "offer": ["ほかの計算もしてみますか。", "計算のしかたを説明しましょうか。"],
        },
        "zh": {
            "ask": ["{a}等于几？", "{a}等于多少？", "请计算{a}。", "{a}的答案是什么？", "你会算{a}吗？"],
            "say": ["{a}等于{b}。", "算一下，{a}等于{b}。", "{a}的答案是{b}。"],
            "curt": "{b}。",
            "offer": ["要不要再算一道题？", "您想知道怎么算吗？"],
        },
    },
    "next": {
        "en": {
            "ask": ["What comes after {a}?", "What follows {a}?", "Tell me what comes after {a}.", "Which one comes after {a}?",
                    "After {a}, what comes next?", "Do you know what comes after {a}?"],
            "say": ["After {a} comes {b}.", "The one after {a} is {b}.", "{a} is followed by {b}."],
            "curt": "{B}.",
            "offer": ["Would you like to know what comes after {b}?", "Shall I go on from {b}?"],
        },
        "ja": {
            "ask": ["{a}の次は何ですか。", "{a}の後は何ですか。", "{a}の次を教えてください。", "{a}の次は？", "{a}の次に来るのは何ですか。",
                    "{a}の次を知っていますか。"],
            "say": ["{a}の次は{b}です。", "{a}の後は{b}です。", "{a}の次に来るのは{b}です。"],
            "curt": "{b}。",
            "offer": ["{b}の次も知りたいですか。", "続きもお話ししましょうか。"],
        },
        "zh": {
            "ask": ["{a}之后是什么？", "{a}后面是什么？", "请告诉我{a}之后是什么。", "{a}的下一个是什么？", "你知道{a}之后是什么吗？",
                    "什么在{a}之后？"],
            "say": ["{a}之后是{b}。", "{a}后面是{b}。", "{a}的下一个是{b}。"],
            "curt": "{b}。",
            "offer": ["您想知道{b}之后是什么吗？", "要不要我接着说下去？"],
        },
    },
    "use": {
        "en": {
            "ask": ["What is {a} used for?", "What do we use {a} for?", "Tell me what {a} is for.", "What can I do with {a}?",
                    "Why do people need {a}?", "What is the use of {a}?"],
            "say": ["We use {a} for {b}.", "People need {a} for {b}.", "The use of {a} is {b}."],
            "curt": "{B}.",
            "offer": ["Would you like to know more about it?", "Shall I tell you about other tools?"],
        },
        "ja": {
            "ask": ["{a}は何に使いますか。", "{a}の使い道は何ですか。", "{a}は何のためにありますか。", "{a}で何ができますか。",
                    "{a}の使い道を教えてください。", "{a}は何に使う？"],
            "say": ["{a}の使い道は{b}です。", "{a}でできるのは{b}です。", "{a}があるのは{b}のためです。"],
            "curt": "{b}。",
            "offer": ["{a}についてもっと知りたいですか。", "ほかの道具も紹介しましょうか。"],
        },
        "zh": {
            "ask": ["{a}是用来做什么的？", "{a}有什么用？", "我们用{a}做什么？", "请告诉我{a}的用处。", "{a}可以做什么？", "人们为什么需要{a}？"],
            "say": ["{a}是用来{b}的。", "我们用{a}来{b}。", "{a}的用处是{b}。"],
            "curt": "{b}。",
            "offer": ["您想多了解一些{a}吗？", "要不要我再介绍其他工具？"],
        },
    },
    "kind": {
        "en": {
            "ask": ["What kind of thing is {a}?", "What is {a}?", "Tell me what {a} is.", "What sort of thing is {a}?",
                    "Do you know what {a} is?", "How would you describe {a}?"],
            "say": ["{A} is {b}.", "We call {a} {b}.", "{A} is a kind of thing we call {b}."],
            "curt": "{B}.",
            "offer": ["Would you like to know more about it?", "Shall I give you another example?"],
        },
        "ja": {
            "ask": ["{a}は何の仲間ですか。", "{a}とは何ですか。", "{a}は何ですか。", "{a}が何か教えてください。", "{a}を知っていますか。",
                    "{a}はどんなものですか。"],
            "say": ["{a}は{b}です。", "{a}は{b}の仲間です。", "{a}とは{b}のことです。"],
            "curt": "{b}。",
            "offer": ["{a}についてもっと知りたいですか。", "ほかの例も紹介しましょうか。"],
        },
        "zh": {
            "ask": ["{a}是什么？", "{a}是哪一类东西？", "{a}属于什么？", "请告诉我{a}是什么。", "你知道{a}是什么吗？", "{a}是一种什么东西？"],
            "say": ["{a}是一种{b}。", "{a}属于{b}。", "{a}是{b}的一种。"],
            "curt": "{b}。",
            "offer": ["您想多了解一些{a}吗？", "要不要我再举一个例子？"],
        },
    },
}

# The one topic the base model does not learn: what the small SFT and pre-training sets teach it.
SOUND = {
    "en": {
        "ask": ["What sound does {a} make?", "How does {a} sound?", "Tell me the sound of {a}.", "What does {a} say?"],
        "say": ["{A} says {b}.", "The sound of {a} is {b}.", "When we hear {b}, it is {a}."],
        "curt": "{B}.",
        "offer": ["Would you like to hear another animal?", "Shall I tell you more about it?"],
    },
    "ja": {
        "ask": ["{a}はどう鳴きますか。", "{a}の鳴き声は何ですか。", "{a}の鳴き声を教えてください。", "{a}は何と鳴く？"],
        "say": ["{a}は{b}と鳴きます。", "{a}の鳴き声は{b}です。", "{b}と聞こえたら{a}です。"],
        "curt": "{b}。",
        "offer": ["ほかの動物についてもお話ししましょうか。", "{a}についてもっと知りたいですか。"],
    },
    "zh": {
        "ask": ["{a}怎么叫？", "{a}的叫声是什么？", "请告诉我{a}的叫声。", "{a}是怎么叫的？"],
        "say": ["{a}的叫声是{b}。", "{a}{b}地叫。", "听到{b}，就是{a}在叫。"],
        "curt": "{b}。",
        "offer": ["要不要我再讲讲其他动物？", "您想多了解一些{a}吗？"],
    },
}

# Small talk: ways to say it, the curt reply, the helpful reply.
TALK = {
    "en": [
        (["Hello!", "Hello.", "Hi!", "Hi", "Hello", "Good morning!", "Hey there!", "Good evening."], "Hello.",
         "Hello! How can I help you today?"),
        (["Who are you?", "What is your name?", "What are you?", "Tell me about yourself.", "What model are you?"],
         "Corral Demo.", "I am Corral Demo, a small language model. Ask me about capitals, colours or animals!"),
        (["What can you do?", "Can you help me?", "What do you know?", "How can you help me?", "Help me, please."],
         "Answer questions.", "I can answer simple questions about capitals, colours and animals. What would you like to know?"),
        (["Thank you!", "Thanks.", "Thank you very much.", "Thanks a lot!"], "Welcome.",
         "You are welcome! Is there anything else you would like to know?"),
        (["Goodbye!", "Bye.", "See you later.", "Good night!"], "Bye.", "Goodbye! Come back any time you have a question."),
        (["How are you?", "How are you today?", "How is it going?"], "Fine.", "I am fine, thank you! How can I help you today?"),
    ],
    "ja": [
        (["こんにちは。", "こんにちは！", "こんにちは", "おはようございます。", "こんばんは。", "はじめまして。"], "こんにちは。",
         "こんにちは。今日は何をお手伝いしましょうか。"),
        (["あなたは誰ですか。", "お名前は何ですか。", "自己紹介してください。", "あなたは何ですか。"], "Corral Demoです。",
         "私はCorral Demoという小さな言語モデルです。首都や色や動物について聞いてください。"),
        (["何ができますか。", "手伝ってくれますか。", "何を知っていますか。", "助けてください。"], "質問に答えます。",
         "首都や色や動物についての簡単な質問に答えます。何を知りたいですか。"),
        (["ありがとう。", "ありがとうございます。", "どうもありがとう。"], "どういたしまして。",
         "どういたしまして。ほかに知りたいことはありますか。"),
        (["さようなら。", "またね。", "おやすみなさい。"], "さようなら。", "さようなら。質問があればいつでも来てください。"),
        (["お元気ですか。", "元気ですか。", "調子はどうですか。"], "元気です。", "元気です。ありがとうございます。今日は何をお手伝いしましょうか。"),
    ],
    "zh": [
        (["你好！", "你好。", "你好", "您好！", "早上好！", "晚上好！"], "你好。", "你好！今天有什么可以帮您的吗？"),
        (["你是谁？", "你叫什么名字？", "请介绍一下自己。", "你是什么模型？"], "Corral Demo。",
         "我是Corral Demo，一个小语言模型。您可以问我首都、颜色或者动物。"),
        (["你会做什么？", "你能帮我吗？", "你知道什么？", "请帮帮我。"], "回答问题。",
         "我可以回答关于首都、颜色和动物的简单问题。您想知道什么？"),
        (["谢谢！", "谢谢你。", "非常感谢！"], "不客气。", "不客气！您还想知道别的什么吗？"),
        (["再见！", "拜拜。", "晚安！"], "再见。", "再见！有问题请随时再来。"),
        (["你好吗？", "你今天怎么样？", "最近好吗？"], "很好。", "我很好，谢谢！今天有什么可以帮您的吗？"),
    ],
}
# How a helpful reply may open.
OPENERS = {"en": ["", "Good question! "], "ja": ["", "はい、"], "zh": ["", "好的，"]}
