### The words of Corral in English, of which the other files are translations: the text behind each `=` and behind each `.name =`.
###
### `{ $name }` is put in by the program and stays; so does what stands in `backticks`, which are keys, commands and names of files.
### Where words depend on an argument, `[empty]` is for an empty one, `[one]` and its kin are the forms of a count, and `*[other]` is for the rest.
### `{ " " }` is a blank that would be lost at an edge, `{ "" }` is no text at all.
### A comment such as `# $name, $bytes` gives the order of the arguments to the program; where it says so, a text may leave one out.

## language: the language itself: what the switch calls it

language-name = English
language-letter = en

## common: what several pages use

common-cancel = Cancel
common-close = Close
common-copy = Copy
common-copied = Copied
common-delete = Delete
common-save = Save
common-undo = Undo
# $name, $bytes, $days
common-trashed = { $name } deleted: its { $bytes } stay in the trash for { $days } days
# $n, $bytes, $days
common-trashed-n = { $n } deleted: their { $bytes } stay in the trash for { $days } days
common-retry = Try again
common-more = More
common-none = None
common-search = Search
common-loading = Loading…
common-chosen = chosen
common-rejected = rejected
common-step = step

common-state-queued = Queued
common-state-starting = Starting
common-state-running = Running
common-state-stopping = Stopping
common-state-completed = Completed
common-state-stopped = Stopped
common-state-failed = Failed
common-state-untold = End not told
common-state-unknown = Unknown

common-offline-title = The server cannot be reached
common-offline-mend = Start it again; this page goes on by itself.
common-offline-mend-by = This page goes on by itself once it is started again:
common-part-missing = This part of the board could not be fetched from the server.
common-not-found = There is nothing at this address.
common-unreadable-answer = The server's answer could not be read: { $what }

common-seconds = { $n } s
common-minutes = { $n } min
# $m, $s
common-minutes-seconds = { $m } min { $s } s
# $h, $m
common-hours-minutes = { $h } h { $m } min
# $d, $h
common-days-hours = { $d } d { $h } h
common-just-now = just now
common-ago = { $d } ago

## shell: the frame around every page: rail, palette, list of keys

shell-home = Home
shell-runs = Runs
shell-new-run = New run
shell-data = Data
shell-models = Models
shell-evaluate = Evaluate
shell-chat = Chat
shell-navigation = Main
shell-skip = Skip to the page
shell-going =
    { $n ->
        [one] { $n } run going
       *[other] { $n } runs going
    }
# $n, $q
shell-going-and-queued = { $n } going, { $q } queued
shell-going-now = Running now
shell-pinned = Pinned
shell-cards = Cards
shell-card-memory = Memory of the card
# $used, $total
shell-card-memory-of = { $used } of { $total }
shell-card-run = To the run on this card
shell-ends-in = { $d } left
shell-progress = Progress
shell-licences = Licences of fonts and libraries
shell-back-home = To the runs
shell-not-found-text = The address may be mistyped, or what it named is gone.
shell-live = live
shell-catching-up = catching up
shell-offline = offline
shell-live-hint = What you see is up to date.
shell-catching-up-hint = Fetching what happened meanwhile.
shell-offline-hint = The server cannot be reached; trying again by itself.
shell-language = Language
shell-theme = Theme
shell-theme-light = Light
shell-theme-dark = Dark
shell-theme-system = As the system
shell-updated = Corral was updated. Reload the page to use the new version.
shell-reload = Reload

shell-palette = Find runs, models, data, pages and actions
shell-palette-placeholder = Where to? Type a name or an action
shell-palette-none = Nothing of that name.
shell-palette-page = page
shell-palette-run = run
shell-palette-model = model
shell-palette-data = data
shell-palette-action = action
shell-run-demo = Run the demo

shell-keys = Keys
shell-keys-palette = Find anything
shell-keys-help = This list
shell-keys-field = What the field means
shell-keys-go = Go to { $page }
shell-keys-search = Search in the table
shell-keys-rows = Move through rows
shell-keys-open = Open the row
shell-keys-select = Select the row
shell-keys-evaluation = Pairs: earlier or later evaluation
shell-keys-escape = Close, or clear the selection
shell-keys-then = then

## home: the first page

home-attention = Needs attention
home-all-well = Nothing does.
home-verdicts = Last results
home-no-verdict = No run has ended yet.
home-all-runs =
    { $n ->
        [one] { $n } run in all
       *[other] All { $n } runs
    }
home-nothing-goes = Nothing runs now.
home-more-going =
    { $n ->
        [one] { $n } more is going
       *[other] { $n } more are going
    }
home-waiting =
    { $n ->
        [one] { $n } run waits in the queue
       *[other] { $n } runs wait in the queue
    }
# $n, $of, $says
home-of-sweep = { $n } of { $of } runs: { $says }
# $point, $says
home-best-of = Best with { $point }: { $says }
home-ends = ends { $time }

## runs: the runs table

runs-take-in = Import runs
runs-take-in-title = Import runs of other programs
runs-take-in-text = Output folders of LLaMA-Factory and transformers, TensorBoard's folders, MLflow's mlruns, and W&B's exported histories (CSV, JSON) become runs to look at and compare. Nothing is changed where they lie.
runs-take-in-path = Path
runs-take-in-path-hint = A file or a folder on the server's machine; every run below it
runs-take-in-name = Name
runs-take-in-name-hint = Empty: what they are called there
runs-take-in-file = Choose a file
runs-take-in-verb = Import
runs-take-in-left-out = The rest was imported; this was not:
runs-taken-in =
    { $n ->
        [one] { $n } run imported
       *[other] { $n } runs imported
    }
runs-import = Import a LLaMA-Factory file
# $cores, $free, $all, $disk
runs-machine = This machine: { $cores } cores, { $free } of { $all } memory free, { $disk } of disk free.
runs-machine-cards = { " " }Training runs on { $names }.
runs-machine-cpu-why = { " " }Training runs on the CPU: { $why }.
runs-machine-cpu = { " " }Training runs on the CPU.
runs-title = Runs
runs-new-run = New run
runs-search = Search, or loss:simpo acc>0.9 -word
runs-unknown-field = There is no field { $names }. Known are name, loss, state, model, data, tag, note, health and every config key; acc, margin, lr, step, time and every metric can be compared.
runs-filter-state = State
runs-filter-loss = Loss
runs-filter-model = Model
runs-filter-health = Health
runs-filter-tag = Tag
runs-filter-none = Nothing to choose from yet.
runs-archived = Archived
runs-clear-filters = Clear filters
runs-columns = Columns
runs-columns-find = Find a config key or metric
runs-columns-reset = Usual columns
# $n, $total
runs-shown = { $n } of { $total }
runs-count =
    { $n ->
        [one] { $n } run
       *[other] { $n } runs
    }

runs-col-name = name
runs-col-loss = loss
runs-col-model = model
runs-col-data = data
runs-col-step = step
runs-col-acc = acc
runs-col-margin = margin
runs-col-eval-loss = eval loss
runs-col-health = health
runs-health-bad = No use
runs-health-warning = Could be better
runs-health-note = Good to know
runs-health-well = Nothing found
runs-col-lr = lr
runs-col-time = time
runs-col-spark = curve
runs-col-created = created
runs-col-peak = peak memory
runs-col-tags = tags

runs-made-worse = Worse than before training
runs-as-of = evaluated at step { $step }
runs-in-queue = queue { $n }
runs-earlier = Start earlier
runs-later = Start later
runs-take-out = Take out of the queue
runs-earlier-of = Start { $name } earlier
runs-later-of = Start { $name } later
runs-take-out-of = Take { $name } out of the queue
runs-select = Select { $name }
runs-select-all = Select all shown
runs-sort-by = Sort by { $col }
runs-preview = Preview
runs-preview-open = Open
runs-pin = Pin to the rail
runs-unpin = Take from the rail

runs-selected = { $n } selected
runs-compare = Compare
runs-compare-hint = Select two or more
runs-tag = Tag
runs-tag-title = Tag the selected runs
runs-tag-label = Tag
runs-archive = Archive
runs-unarchive = Take out of the archive
runs-archived-n =
    { $n ->
        [one] Archived { $n } run
       *[other] Archived { $n } runs
    }
runs-unarchived-n =
    { $n ->
        [one] Took { $n } run out of the archive
       *[other] Took { $n } runs out of the archive
    }
runs-tagged-n =
    { $n ->
        [one] Tagged { $n } run
       *[other] Tagged { $n } runs
    }
runs-clear-selection = Clear the selection
runs-delete-title =
    { $n ->
        [one] Delete { $n } run?
       *[other] Delete { $n } runs?
    }
runs-delete-text = Their curves, checkpoints and logs go into the trash, where they stay for 7 days. Outside the data directory files stay where they are.

runs-empty-title = No run yet
runs-empty-text = Your runs will be listed here, with their curves as they train. The demo tunes a small model in your language in under a minute, on this machine.
runs-no-match = No run matches.

## run: the run page, and charts

run-imported = imported
# $program, $path
run-imported-from = Taken in from { $program }: { $path }. It can be looked at and compared; there is nothing here to train, chat with or download.
run-merged-here = merged
run-merged-from = Merged from { $path }.
run-by-script = script
run-told-by = Told by a script of your own: { $path }. It can be looked at and compared; it is stopped where it runs.
run-title = Run
run-gone = This run is gone.
run-back = All runs
run-rename = Rename the run
run-stop = Stop
run-stop-save = Stop and save
run-stop-save-hint = Finishes the step and writes a checkpoint
run-stop-now = Stop now
run-stop-now-hint = Keeps the last checkpoint written
run-cancel-queued = Take out of the queue
run-more = More about this run
run-resume = Resume
run-resume-from = Resume from step { $step }
run-resume-at = Resume from { $checkpoint }
run-damaged = The newest checkpoint is damaged
run-start-over = Start over
run-back-to-queue = Put back into the queue
run-actions = Actions
run-again = Train again with changes
run-next-stage = Next stage from this one
run-archive = Archive
run-unarchive = Take out of the archive
run-delete = Delete…
run-delete-title = Delete this run?
run-delete-text = “{ $name }”, its curves, checkpoints and log go into the trash, where they stay for 7 days. Outside the data directory files stay where they are.
run-delete-used = Started from its result: { $names }.

run-tab-overview = Overview
run-tab-config = Config
run-tab-checkpoints = Checkpoints
run-tab-log = Log
run-tab-files = Files
run-tabs = Parts of the run

# $step, $total
run-step-of = step { $step } of { $total }
run-step-only = step { $step }
run-left = { $d } left
run-took = took { $d }
run-since = for { $d }
run-tokens-s = { $n } tokens/s
run-peak = peak { $n }
run-queue-place = Waits for a device: place { $n } in the queue.
run-queue-first = Next to start, as soon as a device is free.
run-health = Health
run-health-well =
    { $n ->
        [one] { $n } check, nothing found
       *[other] { $n } checks, nothing found
    }
run-health-show = Show
run-health-show-of = Show where: { $finding }
# $from, $to
run-shaded = Steps { $from } to { $to } are shaded
run-health-try = Train again with { $changes }
run-health-use = Chat with { $checkpoint }
run-phase-loading = Loading the model
run-phase-tokenizing = Tokenizing the data
run-phase-reference = Computing the reference’s log-probs
run-phase-training = Training
run-phase-evaluating = Evaluating on the held-out rows
run-phase-sampling = Answering the sample prompts
run-phase-predicting = Writing replies to the held-out prompts
run-phase-saving = Writing a checkpoint
run-phase-merging = Merging
run-starting = The worker is starting
run-stopping = Stopping: the checkpoint is being written

# $after, $before
run-prefers = Prefers the chosen reply in { $after } of held-out pairs (before: { $before })
run-prefers-alone = Prefers the chosen reply in { $after } of held-out pairs
# $after, $before
run-scores = Scores the chosen reply higher in { $after } of held-out pairs (before: { $before })
# $after, $before
run-rewarded = Mean reward on held-out prompts went from { $before } to { $after }
run-use-in-ppo = Train with it (PPO)
# $after, $before
run-loss-fell = Held-out loss went from { $before } to { $after }
run-loss-is = Held-out loss { $after }
run-outcome = Outcome
run-finished = The run is complete
run-taken-out = Taken out of the queue before it began
run-never-began = Stopped before its first step
run-not-evaluated = Not evaluated since step 0: what training has changed was not measured
# $sentence, $step
run-as-of = { $sentence }, as of step { $step }
run-worse = Worse than before training. { $sentence }
run-worse-hint = Often the learning rate is too high or the run too long. See where the curves turn, then train again with a smaller one.
run-stopped-at = Stopped at step { $step }
run-stopped-without = Stopped at step { $step }; no checkpoint was written
run-stopped-early = Stopped at step { $step }; the checkpoint is kept
run-chat-with = Chat with it
run-download-merged = Download merged
run-merging = Merging { $share }
run-export = Export
run-export-what = In another form
run-export-form-hint = A GGUF file with its Modelfile for llama.cpp, Ollama and LM Studio, or safetensors in a type of your choice. Each has a card and checksums.
run-stop-export = Stop; nothing is kept of it
run-merge-failed = Merging failed
run-download-adapter = Adapter
run-download-config = Config and metrics

run-failed = The run failed
run-failed-at = The run failed at step { $step }
run-last-words = Last lines of the log
run-whole-log = Whole log

run-parting = Chosen and rejected
run-parting-reference = log-probs against the reference, × β
run-parting-alone = log-probs × β
run-parting-scores = scores of the replies
run-margin-now = margin { $n }
run-flag-best = best so far: step { $step }
run-flag-kept = best: checkpoint-{ $step }
run-train = train
run-eval = held out
run-smoothing = Smoothing
run-log-scale = Log
run-log-hint = Decades on the y axis
run-clip-outliers = Clip outliers
run-clip-hint = Fits the y axis to 96 % of the values
run-as-table = As a table
run-as-table-of = { $title } as a table
run-save-chart = Download { $title }
run-full-width = Full width
run-full-width-of = { $title } in full width
run-hide-line = Hide or show this line
run-more-lines = and { $n } more
run-chart-keys = Arrow keys move through the steps.
run-x-axis = X axis
run-x-step = Step
run-x-epoch = Epoch
run-x-time = Time
run-zoom-back = Whole range
run-zoom-hint = Drag across a chart to zoom; double-click to go back
run-export-csv = CSV
run-export-hint = Download every logged value as CSV
run-at-step = step { $n }
run-at-epoch = epoch { $n }
# $name, $first, $last
run-chart-line = { $name }: from { $first } to { $last }.
run-no-points = The curves begin with the first logged step.
run-no-points-ever = This run logged no step.

run-facts = Facts
run-fact-model = Model
run-fact-method = Method
run-fact-data = Data
run-fact-eval-data = Held-out data
run-fact-rows = Rows
# $train, $eval
run-rows-split = { $train } to train, { $eval } held out
run-rows-streamed = streamed, { $eval } held out
run-fact-params = Trainable
# $some, $all, $share
run-params-of = { $some } of { $all } ({ $share })
run-fact-device = Device
run-fact-created = Created
run-fact-parent = Starts from
run-fact-folder = Folder
run-fact-peak = Peak memory
run-fact-energy = Energy
run-tags = Tags
run-add-tag = Add a tag
run-remove-tag = Remove the tag { $tag }
run-note = Note
run-note-placeholder = What was this run for? What came out?
run-data-read = Rows
# $name, $n
run-rows-cut = { $name }: { $n } rows were cut to the cut-off length
# $name, $n
run-rows-left-out = { $name }: { $n } rows were left out
# $row, $reason
run-row-reason = row { $row }: { $reason }
run-notices = Notices

run-config-yaml = As YAML
run-config-hint = Complete: every default is written out.
run-command = On the command line
run-differs = differs from the method’s recommended value
run-recommended = recommended: { $value }

run-checkpoint = Checkpoint
run-best = best
run-best-hint = Lowest eval loss so far; checkpoint-best points here
run-size = Size
run-written = Written
run-no-checkpoints = No checkpoint yet.
run-no-checkpoints-text = One is written every save_steps steps, and when the run ends or is stopped with saving.

run-log-empty = The log is empty so far.
run-follow = Follow the end
run-log-cut = Only the last part is shown; the whole log is under Files.

run-files-none = No files yet.
run-file = File
run-checksum = SHA-256
run-checksums = Compute checksums
run-archives = Download
run-merged-what = Merged checkpoint
run-merged-hint = Base and adapter in one Hugging Face folder: loads anywhere, needs nothing of Corral.
run-adapter-hint = The LoRA alone, in PEFT’s format; small, and needs the base model.
run-config-files-hint = config.yaml, events and metrics.
run-load-transformers = Load the merged checkpoint with transformers
run-load-peft = Load the adapter with PEFT
run-all-files = All files

## samples: the samples: the run's tab, the comparison, and their cost in the form

samples-tab = Samples

samples-none-title = No samples of this run
samples-none-asked = It was not asked to write on its way. With sample prompts, the next run answers the same prompts before training, at each evaluation and at the end, and they stand here side by side.
samples-none-scores = A reward model gives scores and writes nothing.
samples-none-yet = The first replies appear before training begins.
samples-none-recorded = It ended before its prompts were answered, or no held-out prompt was fit to be asked.
samples-again = Train again with samples

samples-step = Step
samples-step-at = Step { $step }
samples-earlier = Earlier step
samples-later = Later step
samples-play = Play
samples-pause = Pause
samples-play-hint = Goes through the steps, two a second
samples-keys = j k prompt · ← → step · space play
samples-thinned =
    { $n ->
        [one] { $n } step in between was let go
       *[other] { $n } steps in between were let go
    }
samples-answering = The model is answering

samples-grid = Prompts by steps
samples-prompt = Prompt
samples-number = Prompt { $n }
samples-own = own
samples-own-hint = A prompt of your own, not a held-out row
samples-tokens =
    { $n ->
        [one] { $n } token
       *[other] { $n } tokens
    }
samples-cut-off = cut off
samples-cut-off-hint = It had no room left for its end
samples-repeats = repeats { $share }
samples-repeats-hint = Share of its runs of four tokens that it had before
samples-empty = empty
samples-refuses = refusal?
samples-refuses-hint = It begins as refusals do
# $n, $step
samples-open-cell = Prompt { $n } at step { $step }

samples-mean-length = Mean length
samples-repetition = Repetition
# $name, $first, $last
samples-curve-says = { $name } went from { $first } to { $last }.

samples-side-by-side = Side by side
samples-against = Compared with
samples-data-says = What the data answer
samples-same-text = The same words
samples-ask = Ask in chat
samples-ask-hint = The prompt to the model before training and to this one
samples-close = Back to the grid

samples-compare-title = What they write
samples-compare-text = Newest replies to the same prompts; words that the first run does not have are marked
samples-compare-none = These runs have no prompt in common.
samples-not-asked = not asked
samples-more-runs =
    { $n ->
        [one] { $n } more run that writes is not shown
       *[other] { $n } more runs that write are not shown
    }
samples-more-prompts =
    { $n ->
        [one] { $n } more prompt
       *[other] { $n } more prompts
    }

samples-own-placeholder = Why is the sky blue?
samples-own-note = One a line; a conversation as JSON: { "{" }"messages": […], "tools": […]{ "}" }
# $prompts, $times, $tokens
samples-cost = Samples: { $prompts } × { $times } answers × up to { $tokens } tokens
# $prompts, $tokens
samples-cost-open = Samples: { $prompts } × each evaluation × up to { $tokens } tokens
samples-cost-total = { $tokens } tokens in all at most, one behind the other; training waits for them
samples-cost-time = About { $time } of writing on this machine, at most
samples-cost-time-unknown = How long that takes is not known: no run of about this size has answered sample prompts on this machine yet
samples-cost-of-runs = × { $n } runs
samples-prompts =
    { $n ->
        [one] { $n } prompt
       *[other] { $n } prompts
    }

## pairs: the held-out pairs: the run's tab, and its half of the comparison

pairs-tab = Pairs
pairs-title = Held-out pairs
pairs-see-wrong = See the pairs it gets wrong

pairs-none-title = No pairs to look at
pairs-none-stage = This stage does not learn from pairs of replies.
pairs-none-labelled = Replies that have a label of their own make no pairs. KTO shows them where the data set has both replies to a prompt.
pairs-none-held-out = No rows were held out. With val_size or eval_dataset the next run keeps pairs aside and shows each of them here.
pairs-none-yet = The pairs appear with the first evaluation.
pairs-none-recorded = This run kept no record of its pairs: it was trained by an earlier version, or ended before its first evaluation. Train it again to see them.
pairs-none-foreign = Another program trained this run; pairs are kept by runs that are trained here.
pairs-left-out =
    { $n ->
        [one] { $n } more held-out pair is not listed
       *[other] { $n } more held-out pairs are not listed
    }

pairs-filters = Which pairs
pairs-all = All
pairs-wrong = Wrong
pairs-wrong-hint = The rejected reply is at least as likely as the chosen one, per token
pairs-to-right = Flipped to right
pairs-to-right-hint = Wrong at the first evaluation, right at this one
pairs-to-wrong = Flipped to wrong
pairs-to-wrong-hint = Right at the first evaluation, wrong at this one
pairs-never-right = Never right
pairs-never-right-hint = Wrong at every evaluation up to this one
pairs-longest = Longest
pairs-longest-hint = More tokens than nine tenths of the pairs
pairs-duplicate = Duplicate prompt
pairs-duplicate-hint = Another held-out pair has the same prompt
pairs-marked = Marked
pairs-train-marked = Train again by the marks
pairs-train-marked-hint = A new run of the same config, before whose start mislabelled pairs have their replies swapped and unfit ones are left out
pairs-marked-hint = Marked as mislabelled, or as unfit

pairs-histogram = Margins
# $wrong, $right
pairs-histogram-says = Margins of the pairs: { $wrong } wrong, { $right } right.
pairs-histogram-hint = Drag to list a stretch of margins
pairs-histogram-keys = Arrow keys choose a bin, Shift with them a stretch, Escape all.
# $from, $to
pairs-bin = { $from } to { $to }
pairs-up-to = up to { $to }
pairs-above = above { $from }
pairs-pairs-in =
    { $n ->
        [one] { $n } pair
       *[other] { $n } pairs
    }
# $n, $all
pairs-pairs-of = { $n } of { $all } pairs
pairs-all-margins = All margins
pairs-margin = Margin
pairs-margin-hint = Mean log-prob per token of the chosen reply, minus that of the rejected one
pairs-change = Change
pairs-change-hint = Of the margin since the first evaluation; the third click sorts by its size
pairs-moved = |Change|
pairs-moved-hint = The size of the change, whichever way it went
pairs-length = Δ length
pairs-length-hint = Tokens of the chosen reply minus those of the rejected one
pairs-sort-by = Sort by { $name }
pairs-list = List of pairs
pairs-nothing-listed = No pair is listed by this choice.
pairs-list-all = List all pairs
pairs-number = Pair { $n }
pairs-right = right
pairs-still-wrong = wrong

pairs-step = Evaluation
pairs-step-at = Step { $step }
pairs-earlier = Earlier evaluation
pairs-later = Later evaluation
pairs-only-step = There is one evaluation so far: changes show with the second.
pairs-keys = j k pair, [ ] evaluation

pairs-pair = The pair
pairs-pick = Choose a pair
pairs-pick-text = Its prompt, both replies and what training changed in them stand here.
pairs-back-to-list = All pairs
pairs-gone = This run has no pair of that number.
pairs-prompt = Prompt
pairs-tokens =
    { $n ->
        [one] { $n } token
       *[other] { $n } tokens
    }
# $before, $after
pairs-per-token = { $before } → { $after } per token
pairs-per-token-now = { $after } per token
# $before, $after
pairs-reward-went = reward { $before } → { $after }
pairs-cut = fills the cut-off length: may be cut
pairs-likelier-tokens =
    { $n ->
        [one] { $n } token likelier
       *[other] { $n } tokens likelier
    }
pairs-less-likely-tokens =
    { $n ->
        [one] { $n } token less likely
       *[other] { $n } tokens less likely
    }
# $up, $down
pairs-moved-tokens = { $up }, { $down } than at the first evaluation.
# $up, $down
pairs-tokens-apart = { $up }, { $down } than under the reference.
pairs-log-prob-went = log-prob { $change }
# $before, $after
pairs-token-was = p { $before } → { $after }
pairs-token-is = p { $after }
# $own, $reference
pairs-token-under = p { $own }, under the reference { $reference }
# $before, $first, $after, $last
pairs-token-between = p { $before } at step { $first }, { $after } at step { $last }
pairs-token-keys = { $reply }: arrow keys go from token to token
# $step
pairs-tint-reference = Tint: log-prob at step { $step } minus that under the reference
# $step
pairs-tint-following = Tint: log-prob at step { $step } minus that under the reference, which follows the model, as it was then
# $last, $first
pairs-tint-key = Tint: log-prob at step { $last } minus that at step { $first }, the first evaluation: no log-probs under a reference are known
# $first, $last
pairs-tint-first = No tint: step { $first } is the evaluation that tints compare with. Log-probs of single tokens are kept here and at step { $last }.
# $first, $last
pairs-tint-first-following = No tint: the reference follows the model, and its log-probs of single tokens are kept as it was at step { $last }, not at step { $first }.
# $step, $first, $last
pairs-tint-between = No tint: log-probs of single tokens are kept at steps { $first } and { $last }, not at step { $step }.
pairs-reference = Reference
pairs-difference = Difference
pairs-likelier = likelier
pairs-less-likely = less likely
pairs-no-tokens = Plain text: log-probs of single tokens are kept of at most { $most } pairs, those whose margin moved most; not of this one.
pairs-no-tokens-of-rewards = Plain text: a reward model scores whole replies, whose tokens have no log-probs.
pairs-score-tokens = Score its tokens
pairs-scoring-tokens = Scoring …
pairs-score-cost = Loads the model as it was before training and as it is now, and the reference if that is another model.
pairs-curve = Margin over the evaluations
# $first, $last
pairs-curve-says = Margin over the evaluations: from { $first } to { $last }.
pairs-reward-margin = Reward margin

pairs-ask-both = Ask both models
pairs-ask-hint = Opens the chat with this prompt: the model before training, and after
pairs-mislabelled = Mark as mislabelled
pairs-is-mislabelled = Marked as mislabelled
pairs-exclude = Mark as unfit
pairs-is-excluded = Marked as unfit
pairs-unmark-hint = Click again to take the mark off

pairs-compare-text = The same held-out pairs in both runs. A field lists its pairs.
pairs-both-right = Both right
pairs-both-wrong = Both wrong
pairs-only-right = Only { $name } right
pairs-first-run = First run
pairs-second-run = Second run
pairs-against = against
pairs-margin-in = Margin in { $name }
pairs-open-in = Open in { $name }

## new-run: the page "New run"

new-run-title = New run
new-run-model = Model
new-run-data = Data
new-run-method = Method
new-run-training = Training
new-run-import = Import YAML
new-run-start-over = Start over
new-run-start = Start
new-run-queue = Add to queue
new-run-starting = Starting…
new-run-queue-hint =
    { $n ->
        [one] { $n } run goes; this one starts when it ends.
       *[other] { $n } runs go; this one starts when a place is free.
    }
new-run-from-run = The settings of { $name }.
# $name, $changes
new-run-from-run-with = The settings of { $name }, with { $changes }.
new-run-next-of = The next stage: it goes on from the result of { $name }.
new-run-run-missing = The run in the address is not there.

new-run-advanced = Advanced
new-run-changed = Changed from the recommended value
new-run-back-to = back to { $value }
new-run-back-to-none = take out

new-run-choose-model = Start from
new-run-write-model = Path or hub name
new-run-write-model-hint = /path/to/folder or owner/name
new-run-pick-listed = Choose from the list
# $family, $params, $dtype, $context
new-run-model-facts = { $family } · { $params } parameters · { $dtype } · context { $context }
new-run-goes-on = Training goes on from this adapter; the reference is the model as it is now.
new-run-no-template = This model has no chat template: choose one under Data.

new-run-choose-data = Data set
new-run-add-data = Add data
# $kind, $stage, $needs
new-run-unfit = { $kind }: { $stage } needs { $needs }
new-run-needs-pairs = pairs of a chosen and a rejected reply
new-run-needs-labels = replies marked good or bad, or pairs
new-run-needs-replies = a reply to each prompt
new-run-needs-text = plain text or replies
new-run-needs-prompts = prompts
new-run-no-rows = no usable row
new-run-rows = { $n } rows
new-run-some-bad = { $n } left out
# $n, $all, $median
new-run-longer = { $n } of { $all } rows are longer and will be cut (median { $median } tokens).
new-run-keep-most = { $n } keeps 95 %
new-run-suggested-template = LLaMA-Factory's template for this model: { $name }
new-run-use-template = Use it
new-run-trainable-layers = Layers: { $names }
new-run-own-written = Written here
new-run-write-template = Write a template
new-run-own-jinja = Template in Jinja
new-run-leave-template = Use the model's own
new-run-preview = First rows, as the model will see them
new-run-preview-needs = Choose a model and a data set to see the rows.

new-run-group-pairs = Preference losses
new-run-group-further = { $count } further losses
new-run-group-stages = Other stages

new-run-needs-reference = needs reference
new-run-no-reference = no reference
new-run-vram = { $n } GB+
new-run-vram-hint = GPU memory for an 8 B model with LoRA
new-run-recommended = Recommended
new-run-first-choice = First choice
new-run-paper = Paper
new-run-equation = Loss

new-run-adapter = Adapter
new-run-optimizer = Optimizer
new-run-batch = Batch and length
new-run-cadence = Evaluation, logging, saving
# $rows, $steps
new-run-plan = { $rows } rows a step, { $steps } steps
new-run-plan-rows = { $rows } rows a step

new-run-name = Name
new-run-name-hint = Left empty, one is made from model and method
new-run-problems =
    { $n ->
        [one] { $n } thing to mend
       *[other] { $n } things to mend
    }
new-run-yaml = run.yaml
new-run-yaml-hint = Marked: differs from what is recommended
new-run-command = Command line
new-run-memory = Memory
# $a, $b
new-run-memory-of = about { $a } of { $b }
new-run-fits-easily = Fits easily
new-run-memory-at-cutoff = for the longest batch of these rows; { $a } if every row filled the cut-off
new-run-takes-title = Time and disk
# $duration, $end
new-run-takes = About { $duration }, done around { $end }
new-run-takes-unknown = How long is not known: no run of about this size has trained on this machine yet.
new-run-takes-like = by the speed of { $name }
new-run-takes-probed = by the speed of a few steps that were just made
new-run-probe = Measure a few steps
new-run-probe-hint = Makes three steps of this run and throws them away
new-run-probing = Making a few steps
new-run-probe-stop = Stop
new-run-takes-rough = roughly, by the speed of { $name }, another model or kind of training
# $disk, $free
new-run-takes-disk = { $disk } of checkpoints, { $free } free
new-run-takes-disk-short = More than is free: keep fewer checkpoints (save_total_limit), or make room.
new-run-memory-over = More than this machine has. A shorter cut-off, a smaller batch or a smaller model helps.
new-run-mem-weights = weights
new-run-mem-training = training
new-run-mem-reference = reference
new-run-mem-activations = activations
new-run-mem-other = other

new-run-import-title = Import a YAML
new-run-import-text = Paste a LLaMA-Factory file, a few of its lines, LlamaBoard's saved arguments or a llamafactory-cli command; or choose a file.
new-run-manner = How these settings are used
new-run-import-instead = Instead of what is in the form
new-run-import-over = Over what is in the form
new-run-import-file = Choose a file
new-run-presets = Presets
new-run-read = Read it
new-run-use-it = Use these settings
new-run-use-rest = Use what was understood
new-run-imported = The file's settings are in the form.
new-run-import-conflicts =
    { $n ->
        [one] { $n } line does not fit the rest: the form leaves it out, or asks.
       *[other] { $n } lines do not fit the rest: the form leaves them out, or asks.
    }
new-run-keys-read =
    { $n ->
        [one] { $n } key understood
       *[other] { $n } keys understood
    }

new-run-err-required = Must be set
new-run-err-number = A number
new-run-err-count = A whole number, 0 or more
new-run-err-count-from = A whole number, { $a } or more
new-run-err-min = At least { $a }
new-run-err-above = Above { $a }
# $a, $b
new-run-err-range = Between { $a } and { $b }
new-run-err-choice = One of { $a }
new-run-err-share = Below 1 a share; above, a whole number of rows
# $message (may be left out), $other (may be left out)
new-run-err-excludes = { $message }
# $message (may be left out), $line (may be left out)
new-run-err-needs = { $message }
# $message (may be left out), $names (may be left out)
new-run-err-losses = { $message }
# $message (may be left out), $names (may be left out)
new-run-err-stages = { $message }
# $message (may be left out), $names (may be left out)
new-run-err-built = { $message }
# $message (may be left out), $a (may be left out), $b (may be left out)
new-run-err-scales = { $message }
# $message (may be left out), $names (may be left out), $example (may be left out)
new-run-err-knobs = { $message }
# $message (may be left out), $name (may be left out)
new-run-err-not-found = { $message }
# $message (may be left out), $name (may be left out)
new-run-err-no-adapter = { $message }
# $message (may be left out)
new-run-err-not-whole = { $message }
# $message (may be left out), $name (may be left out), $format (may be left out), $stage (may be left out)
new-run-err-kind = { $message }
# $message (may be left out), $name (may be left out)
new-run-err-taken = { $message }
new-run-err-bad-name = At most 120 characters, no slashes, no dot in front
# $message (may be left out), $why (may be left out)
new-run-err-syntax = { $message }
# $message (may be left out)
new-run-err-unknown = { $message }
new-run-err-max = At most { $a }
new-run-err-steps = A whole number of steps, or a share of them below 1
# $message (may be left out), $a (may be left out), $b (may be left out)
new-run-err-twice = { $message }
# $message (may be left out), $other (may be left out)
new-run-err-same-key = { $message }
# $message (may be left out), $file (may be left out)
new-run-err-names-file = { $message }
# $message (may be left out), $verb (may be left out)
new-run-err-not-train = { $message }
# $message (may be left out), $path (may be left out)
new-run-err-home = { $message }
new-run-err-eval-rows = Evaluation needs rows: set a held-out share
new-run-err-dataset = Choose a data set
new-run-err-model = Choose a model

## configs: configurations under a name, and keys that have no field

configs-button = Configurations
configs-title = Configurations
configs-name = Keep this form as
configs-name-hint = To load it later, or to download its YAML for a terminal.
configs-replace = Replace it
configs-saved = Kept as { $name }
configs-empty = None kept yet.
configs-folder-hint = YAML files of the folder configs in the data directory: files put there are listed too.
configs-one-value-each = Of several values the first is kept: a configuration has one value a key.
configs-load = Load
configs-loaded = { $name } is in the form
configs-rename = Rename
configs-new-name = New name
configs-download = Download as YAML
configs-not-taken-n =
    { $n ->
        [one] { $n } key can't be used
       *[other] { $n } keys can't be used
    }
configs-from-saved = The configuration { $name }; the form said the same.
# $name, $changes
configs-from-saved-with = The configuration { $name }. Other than before: { $changes }.
configs-and-more =
    { $n ->
        [one] { $n } more
       *[other] { $n } more
    }
configs-not-taken = Not taken: { $what }.

configs-further = Further keys
configs-further-hint = key: value, a line each: what has no field here. Reference › all keys
configs-has-field = Set in its own field: { $names }
configs-no-effect = No effect under these settings: { $names }

## reference: the reference of keys

reference-title = Keys of a run config
reference-all-keys = All keys
reference-about = What { $key } means
reference-find = Find a key
reference-none = No key has that in its name or meaning.
reference-takes = Takes
reference-default = Default
reference-when = When
reference-never = never: it is read, and changes nothing
reference-whose = From
reference-other-names = Also named
reference-follows = follows { $keys }
reference-given = { $key } is set
reference-absent = { $key } is not set
reference-several = several in { $key }
reference-or = or
reference-and = and
reference-text = text
reference-list = list, comma-separated
reference-flag = true or false
reference-flag-or-null = true, false or null
reference-count = whole number
reference-number = number
reference-map = map, or JSON
reference-group-run = The run, and who is told of it

## sweep: sweeps: in the form, in the table, on their page

sweep-several = Several values
sweep-several-of = Several values of { $key }
sweep-one-value = One value
sweep-several-words-hint = Values between |
sweep-guide = Which setting is best: the guide's search
sweep-guide-hint = β 1, 2, 3 · γ 0.3, 0.5, 0.7 · learning rate 1e-6, 5e-6, 1e-5
sweep-title = Sweep
sweep-method = Search
sweep-grid = Grid: every combination
sweep-random = Random
sweep-tpe = TPE: where good runs were
sweep-cap = Runs at most
sweep-compared-by = Compare by
sweep-early = Stop bad ones early: half after each rung of evaluations
sweep-each-minutes = about { $time } each
sweep-each-roughly = roughly { $time } each
sweep-disk = { $bytes } of checkpoints
sweep-in-all = { $time } in all
sweep-by-speed = by the speed of { $name }
sweep-time-unknown = how long is not known: no run like these was made here yet
sweep-steps-in-all = { $n } steps in all
sweep-runs =
    { $n ->
        [one] { $n } run
       *[other] { $n } runs
    }
sweep-start =
    { $n ->
        [one] Start { $n } run
       *[other] Start { $n } runs
    }
sweep-behind = Single runs go first.

sweep-unfold = Show the runs of { $name }
# $n, $of
sweep-over-of = { $n } of { $of }
# $n, $of
sweep-progress = { $n } of { $of } runs came to an end
sweep-going = going
sweep-done = done
sweep-stopped = stopped
sweep-stop = Stop the sweep
sweep-go-on = Go on
sweep-delete = Delete the sweep with its runs
sweep-delete-title =
    { $n ->
        [one] Delete the sweep and its { $n } run?
       *[other] Delete the sweep and its { $n } runs?
    }
sweep-delete-text = Their curves, checkpoints and logs go into the trash, where they stay for 7 days.
sweep-best = Best so far
sweep-best-of-all = Best
sweep-best-with = with { $point }
sweep-no-best = No run has been evaluated yet.
sweep-longer = Train the best longer
sweep-parallel = All runs, a line each
sweep-parallel-hint = Drag along an axis to keep only what passes there; click it to let go. By keyboard: arrow keys on an axis, Shift for more, Escape to let go.
sweep-unbrush = All runs
sweep-axis-keys = { $key }: what is kept
# $from, $to
sweep-kept-between = { $from } to { $to }
sweep-kept-none = between two values: none
sweep-importance = Which key matters
# $least, $n
sweep-too-few = Which key matters is said from { $least } runs with a result on; so far there are { $n }.
sweep-by-runs =
    { $n ->
        [one] By { $n } run.
       *[other] By { $n } runs.
    }
# $n, $at
sweep-by-runs-at = By { $n } runs, at evaluation { $at }: not all went further.
sweep-correlation = rank correlation
sweep-permutation = permutation
sweep-heat = Two keys
sweep-across = Across
sweep-down = Down
sweep-table = Runs
sweep-stopped-early = stopped early
# $computed, $read
sweep-reference = The reference's log-probs were computed by { $computed } run(s) and read by { $read }.
sweep-file = The same from a terminal: corral sweep sweep.yaml

## compare: the compare page

compare-title = Compare
compare-back = All runs
compare-none-title = Nothing to compare
compare-none-text = Select two or more runs in the table, then Compare.
compare-remove = Take { $name } out
compare-pin = Make { $name } the baseline
compare-unpin = No baseline
compare-differences = Columns in monospace: the keys in which the configurations differ.
compare-no-differences = These runs have the same configuration.
compare-results = Results
compare-not-comparable = Values of different losses are not on one scale.
compare-run = Run
compare-hide = Hide { $name } in the charts
compare-show = Show { $name } in the charts
compare-color-by = Colour by
compare-group-by = Group by
compare-group-none = nothing
compare-views = Views
compare-view-name = Name of this view
compare-view-kept = { $name } is kept among the views
compare-view-forget = Remove the view { $name }
compare-download = Download
compare-report = Report, one HTML file
compare-table-csv = Table as CSV
compare-table-json = Table as JSON
compare-own-charts = Charts of your own
compare-own-y = Upwards
compare-own-x = Along
compare-own-keys = Keys that differ, a dot a run
compare-own-metrics = Metrics, a line a run
compare-own-add = Add chart
compare-own-decades = { $key } by its logarithm
compare-own-remove = Remove the chart { $title }
compare-own-remove-short = Remove
compare-time = Time
compare-best = best of the column
compare-combine = Merge
compare-combining = Merging { $share }
compare-combine-title = Merge checkpoints
compare-combine-text = The checkpoints become one adapter or one model: a run of its own, to talk to, export and download.
compare-combine-method = Method
compare-combine-task-arithmetic = What training added, weighted and summed; the ranks of adapters add up
compare-combine-linear = Weighted sum of the adapters' matrices, which takes one rank; of models, their mean
compare-combine-slerp = Along the arc between two; the weights say how far
compare-combine-ties = The largest changes whose sign most agree on; adapters of one rank
compare-combine-dare-ties = Changes dropped at random, the others enlarged, signs as in TIES; adapters of one rank
compare-combine-svd = What the adapters add, summed and cut to the largest rank
compare-combine-ties-svd = TIES on what the adapters add, cut to the largest rank
compare-combine-dare-ties-svd = DARE-TIES on what the adapters add, cut to the largest rank
compare-combine-checkpoints = Checkpoints and their weights
compare-combine-checkpoint = Checkpoint { $place }
compare-combine-weight = Weight of { $name }
compare-combine-even = same
compare-combine-weights-bad = Weights: a number for each, or none at all.
compare-combine-density = Share of changes that is kept
compare-combine-density-hint = Above 0, at most 1
compare-combine-density-bad = A number above 0 and up to 1.
compare-combine-name = Name of the run
compare-combine-name-hint = Left out: after the method
compare-combine-add = Add a checkpoint
compare-combine-none = These runs have no checkpoints to merge.
# $size, $free
compare-combine-adapter = Makes an adapter, { $size }; { $free } of disk are free.
# $size, $free
compare-combine-model = Makes a whole model, { $size }; { $free } of disk are free.
compare-combine-stop = Stop
compare-combine-stopped = Stopped; nothing is kept of it.
compare-combine-done = { $name } is among the runs and the models.
compare-combine-open = Open the run
compare-combine-chat = Chat with it

## data: the page "Data", and rows as the model sees them

data-title = Data
data-template = Template
data-own-template = the model's own
data-written-template = one written for it
data-tinted-counts = Tinted tokens count in the loss.
data-counts = counts in the loss
data-counts-not = does not count
data-cut = cut off
data-prompt = prompt
# $p, $c, $r
data-pair-lengths = { $p } prompt · { $c } chosen · { $r } rejected tokens
# $n, $c
data-sequence-lengths = { $n } tokens, { $c } count
data-more-tokens = … { $n } more tokens
data-good = good
data-bad = bad
data-counted = counts

data-preference = Preference pairs
data-instruction = Instructions
data-text = Plain text
data-unpaired = Labelled replies
data-prompts = Prompts

data-add = Add data
data-name = Name
data-format = Format
data-kind = Kind
data-rows = Rows
data-usable = Usable
data-size = Size
data-used-in = Used in
data-runs =
    { $n ->
        [one] { $n } run
       *[other] { $n } runs
    }
data-comes-with = comes with Corral
data-file = File
data-all = All data
data-gone = There is no data set { $name }.
data-empty = No data yet.
data-empty-text = Upload a JSON or JSONL file, paste rows, or name a file on this machine.
data-unreadable = Cannot be read
data-train = Train on it
data-delete = Delete…
data-delete-title = Delete this data set?
data-delete-text = “{ $name }” leaves the list. A file that was uploaded or pasted is deleted; one added by its path stays where it is.
data-deleted = Deleted { $name }.

data-upload = Upload
data-paste = Paste
data-path = Path
data-from-hub = Hub
data-hub-subset = Subset
data-hub-split = Split
data-ways = Where the data comes from
data-choose-file = Choose a file
data-drop-file = or drop it here: JSON, JSONL, CSV, TSV or text (.gz, .zst too), Parquet, Arrow
data-paste-hint = JSON, JSONL or plain text
data-paste-label = Rows
data-path-label = File or folder on this machine
data-path-hint = The whole path; it stays where it is. A folder is read file by file, in the order of their names.
data-name-hint = One word, to choose it by
data-name-taken = There is a data set of this name already
data-add-verb = Add
data-adding = Reading the rows…
# $name, $n
data-added = Added { $name }: { $n } usable rows.

data-bring-text = This is a dataset_info.json: a list of data sets. Choose which of them to add.
data-bring-entries = Data sets in the file
data-bring-name = Name of { $n } here
data-bring-folder = Folder of the files
data-bring-folder-hint = The whole path of the folder on this machine that the file names in the list belong to
data-bring-look = Look again
data-bring-add =
    { $n ->
        [one] Add { $n } data set
       *[other] Add { $n } data sets
    }
data-brought =
    { $n ->
        [one] Added { $n } data set.
       *[other] Added { $n } data sets.
    }

data-recognised = Recognised as
data-entry = Entry in dataset_info.json
data-bad-rows =
    { $n ->
        [one] { $n } row cannot be used
       *[other] { $n } rows cannot be used
    }
data-all-usable = Every row can be used.
data-to-know = Good to know of these rows
data-row = Row
data-reason = Reason
data-first-of = The first { $n } are listed.
data-as-seen = Rows as the model sees them
data-tokenizer-of = Model
# $a, $b, $n
data-page = { $a }–{ $b } of { $n }
data-earlier = Earlier rows
data-later = Later rows

## models: the page "Models"

models-title = Models
models-origin-demo = Comes with Corral
models-origin-folder = Local folders
models-origin-hub = From the hub
models-origin-adapter = Adapters of runs
models-origin-merged = Whole models of runs

# $bytes, $free
models-disk = This data directory takes { $bytes }; { $free } are free.
# $n, $bytes
models-trash = Trash: { $n } · { $bytes }
models-trash-hint = What is deleted stays here for { $days } days and takes its room until then.
models-empty-trash = Empty the trash
models-empty-title = Empty the trash?
models-empty-text = { $bytes } become free. What is in it cannot be taken back any more.
models-trash-run = Run
models-trash-sweep = Sweep
models-trash-checkpoint = Checkpoint
models-trash-config = Configuration
models-delete-title = Delete { $name }?
models-delete-text = It goes into the trash for 7 days: { $bytes } of weights, and what lies beside them. Its room is free once the trash is emptied.
models-delete-used =
    { $n ->
        [one] { $n } run was made with it: its adapter can't be used without it.
       *[other] { $n } runs were made with it: their adapters can't be used without it.
    }
models-download = Download
models-downloading = Downloading
models-again = Try again
models-further =
    { $n ->
        [one] { $n } further checkpoint
       *[other] { $n } further checkpoints
    }
models-fold = Fold
models-actions = Actions
models-stop = Stop
models-hub = Hub
models-what-for = What for
models-tag-base = base
models-tag-chat = chat
models-tag-programs = code
models-tag-math = maths
models-tag-reasoning = reasoning
models-tag-translation = translation
models-template-is = template { $name }
models-rows = { $n } rows
models-more-found =
    { $n ->
        [one] { $n } more: search further
       *[other] { $n } more: search further
    }
models-nothing-found = Nothing of this name in the catalogue; owner/name or the address of its page is looked up on the hub itself
models-look = Look up
# $a, $b
models-to-fetch = { $a } to fetch, { $b } free
models-all-here = all of it is here
models-is-here = here
models-asking-hub = asking the hub…
# $a, $b
models-fetched = { $a } of { $b }

models-model = Model
models-from = From
models-params = Parameters
models-dtype = Type
models-size = Size
models-context = Context
models-used-in = Used in
models-made-by = Made by
models-family = Family
models-layers = Linear layers
models-beside-llama = Beside Llama's block
models-template = Template
models-own-template = its own
models-named-template = { $name } (LLaMA-Factory's name)
models-folder = Folder
models-lineage = Made from what
models-unusable = cannot be used
models-train = Train
models-evaluate = Evaluate
models-chat = Chat
models-empty = No models yet.
models-hub-name = Catalogue words, or a name on the hub
models-hub-placeholder = qwen 0.5b, or owner/name
models-hub-data-placeholder = ultrafeedback, or owner/name

## evaluate: the page "Evaluate"

evaluate-title = Evaluate
evaluate-intro = How good a model is on a data set: loss, preference scores, and how close its own replies come to the expected ones.
evaluate-model = Model
evaluate-dataset = Data set
evaluate-rows = Rows
evaluate-rows-hint = At most so many; empty for all
evaluate-cutoff = Cut-off
evaluate-cutoff-hint = Tokens of a row, at most
evaluate-batch = Rows at a time
evaluate-batch-hint = Fewer take less memory
evaluate-write = Write replies and compare them (BLEU-4, ROUGE)
evaluate-new-tokens = Tokens of a reply
evaluate-new-tokens-hint = At most
evaluate-temperature = Temperature
evaluate-temperature-hint = 0 takes the likeliest token
evaluate-start = Evaluate
evaluate-empty = Nothing was evaluated yet
evaluate-empty-text = Choose a model and a data set above.

evaluate-queued = Waiting
evaluate-going = Going
evaluate-stopped = Stopped
evaluate-failed = Failed
evaluate-loss = Loss
evaluate-perplexity = Perplexity
evaluate-accuracy = Prefers chosen
evaluate-margin = Margin
evaluate-took = Time
evaluate-actions = Actions
evaluate-stop = Stop
evaluate-delete = Delete
evaluate-delete-title = Delete this evaluation?
evaluate-delete-text = Its results and written replies are removed from the disk.
evaluate-show-replies = Show replies
evaluate-hide-replies = Hide replies
evaluate-download = Download generated_predictions.jsonl
evaluate-prompt = Prompt
evaluate-written = Written
evaluate-expected = Expected
# $shown, $all
evaluate-first-of = The first { $shown } of { $all }
evaluate-left-out =
    { $n ->
        [one] { $n } row could not be used
       *[other] { $n } rows could not be used
    }
evaluate-cut =
    { $n ->
        [one] { $n } row was cut off
       *[other] { $n } rows were cut off
    }
# $model, $data
evaluate-compare-with = Compare { $model } on { $data }

evaluate-matrix = Pair by pair
evaluate-matrix-text = Share of the pairs that both have in which the row's margin is larger than the column's. Tick two evaluations of pairs or more.
# $pairs, $right, $both
evaluate-cell = { $pairs } pairs in common; { $right } right here and wrong there, { $both } right in both
evaluate-no-common = no pairs in common

## chat: the page "Chat"

chat-title = Chat
chat-left = First model
chat-right = Second model
chat-before = before
chat-after = after
chat-one-column = One model only
chat-swap = Swap the columns
chat-new-talk = New chat
chat-history = History
chat-no-history = No chats yet.
chat-history-note = Kept in this browser alone; the oldest go first.
chat-forget-talk = Delete: { $q }
chat-turns =
    { $n ->
        [one] { $n } question
       *[other] { $n } questions
    }
chat-export = Export
chat-export-markdown = To read (Markdown)
chat-export-json = As messages (JSON Lines)
chat-edit-question = Edit the question
chat-editing = Editing: sending replaces this question and all that follows.
chat-draw-again = Write it again
chat-draw-again-same = Write it again. At temperature 0 the same settings give the same reply.
chat-settings = Settings
chat-send = Send
chat-stop = Stop
chat-message = Message
chat-placeholder-two = Ask both models the same thing
chat-placeholder-one = Ask the model something
chat-keys = Enter sends, Shift+Enter starts a new line
chat-conversation = Conversation
chat-empty = Ask both the same question and see what training changed.
chat-empty-one = Ask the model something.
chat-same-dice = Same seed and settings in both columns.
chat-no-models = There is no model to talk to.
chat-see-models = See the models
chat-waiting = Loading the model…
chat-thinking = Waiting for the first token…
chat-stopped = stopped
chat-cut = cut at the most tokens
chat-empty-reply = (an empty reply)
chat-speed = { $n } tokens/s
chat-tokens =
    { $n ->
        [one] { $n } token
       *[other] { $n } tokens
    }
chat-retry = Try again
chat-broken = The connection broke before the reply was whole.
chat-run-gone = The run in the address has no checkpoint to talk to.

chat-temperature = Temperature
chat-temperature-hint = 0 always takes the likeliest token
chat-top-p = Top-p
chat-top-p-hint = Share of the likeliest tokens drawn from
chat-max-tokens = Most tokens
chat-max-tokens-hint = Of a reply
chat-seed = Seed
chat-seed-hint = The same one draws the same reply
chat-system = System message
chat-system-hint = Put before every conversation
# $a, $b
chat-bounds = between { $a } and { $b }

chat-example-capital = What is the capital of Kenya?
chat-example-legs = How many legs does a butterfly have?
chat-example-colour = What is the colour of a pumpkin?
chat-example-use = What can I do with a chair?

## notify: what tells that a run has ended

notify-title = Notifications
notify-here = In this browser
notify-here-on = You are told here when a run ends or fails, while a page of Corral is open.
notify-here-off = Off. The browser asks you once when you turn it on.
notify-here-denied = The browser refuses notifications of this page: allow them in the site’s settings.
notify-here-missing = This browser shows no notifications here: they need HTTPS or this machine’s own address (localhost).
notify-turn-on = Turn on
notify-turn-off = Turn off
notify-webhook-text = A small JSON is posted to this address when a run ends or fails; Slack, Mattermost and Discord show it as it is. The address stays in the data directory and is shown to nobody.
notify-webhook-address = Address of the webhook
notify-webhook-is = Posts to { $host }
notify-save = Save
notify-test = Send a test
notify-remove = Remove
notify-told = Told { $ago }

## key: the form: Model

key-model_name_or_path = Model

## key: the form: Method

key-stage = Stage
key-pref_loss = Losses
    .hint = Several with commas: sigmoid,bco_pair,sft
key-pref_beta = Beta
    .hint = How hard pairs pull apart
key-simpo_gamma = Gamma
    .hint = The margin aimed at
key-cpo_alpha = CPO alpha
    .hint = Weight of imitating the chosen reply
key-loss_weights = Weights of the losses
    .hint = One for each loss named
key-discopop_tau = Blend temperature
key-kto_loss = Loss
    .is-kto = KTO
    .is-bco = BCO
key-kto_chosen_weight = Weight of chosen
key-kto_rejected_weight = Weight of rejected
key-pref_ftx = Supervised share
    .hint = Weight of imitating the chosen reply
key-reward_model = Reward model
    .hint = A run of stage rm, or a folder
key-reward_model_type = Kind of reward model
    .is-lora = LoRA adapter
    .is-full = a whole model
key-ppo_target = Target KL
    .hint = Divergence from the reference aimed at
key-max_new_tokens = Longest reply
key-eaft_alpha = EAFT power
    .hint = How much the model’s certainty counts; 0: not at all
key-train_on_prompt = Train on the prompt too
key-mask_history = Train on the last turn only
key-packing = Pack short rows together
key-neat_packing = Packed rows don't see each other
key-dpo_label_smoothing = Label smoothing
    .hint = Share of pairs thought mislabelled (cDPO)
key-ld_alpha = LD alpha
    .hint = Weight past the shorter reply's length (LD-DPO)
key-rpo_alpha = RPO alpha
    .hint = Weight of the chosen replies' likelihood
key-pref_bco_weight = BCO share
    .hint = Mixes a binary classifier's loss in
key-f_divergence_type = Divergence
    .unset = reverse KL
    .is-js_divergence = Jensen-Shannon
    .is-alpha_divergence = alpha
key-f_alpha_divergence_coef = Divergence alpha
key-moe_aux_loss_coef = Router loss
    .hint = Weight of the experts’ balance; empty: the model’s own
key-neftune_noise_alpha = NEFTune noise
    .hint = Noise on the embeddings; 5 is usual
key-use_dft_loss = Tokens by their probability (DFT)
key-use_eaft_loss = Tokens by the model’s doubt (EAFT)
key-summary_dropout_prob = Dropout before the value head
key-reward_model_adapters = Reward adapters
key-ppo_buffer_size = Rollout batches
key-ppo_epochs = Passes over a rollout
key-init_kl_coef = Price of divergence
    .hint = At the start
key-adap_kl_ctrl = Steer the price to the target
key-ppo_score_norm = Normalise rewards
key-ppo_whiten_rewards = Whiten advantages' rewards
key-do_sample = Draw replies (else the likeliest token)
key-temperature = Temperature
key-top_p = Top p
key-top_k = Top k
key-repetition_penalty = Repetition penalty
key-ref_model = Reference model
    .hint = Empty: the model the run starts from
key-ref_model_adapters = Reference adapters
key-ref_model_quantization_bit = Reference’s weights
    .unset = as stored
    .is-4 = 4 bit (QLoRA)
    .is-8 = 8 bit
key-ref_model_mixup_alpha = Share taken over
    .hint = 1: the reference becomes the policy
key-ref_model_sync_steps = Follow every … steps
key-sync_ref_model = Let the reference follow (TR-DPO)
key-reference_free = Without a reference
key-use_weighting = Weigh pairs by how likely the policy writes them (WPO)
key-precompute_ref_log_probs = Compute the reference once and keep it

## key: the form: Adapter

key-finetuning_type = What is trained
    .is-lora = LoRA adapter
    .is-oft = Rotations (OFT)
    .is-freeze = Some layers
    .is-full = All weights
key-freeze_trainable_layers = Layers
    .hint = 2: the last two; -2: the first two
key-freeze_trainable_modules = Modules in them
    .hint = all, or mlp,self_attn …
key-freeze_extra_modules = Modules beside them
    .hint = embed_tokens, norm, lm_head
key-lora_rank = Rank
    .hint = Size of the adapter
key-lora_alpha = Alpha
    .hint = Scale: alpha / rank
key-lora_dropout = Dropout
    .hint = Off in preference training
key-lora_target = Target
    .hint = all, or q_proj,v_proj …
key-oft_block_size = Block size
    .hint = Inputs turned together; 32 is usual
key-oft_target = Target
    .hint = all, or q_proj,v_proj …
key-quantization_bit = Base weights
    .unset = as stored
    .is-4 = 4 bit (QLoRA)
    .is-8 = 8 bit
    .is-6 = 6 bit (HQQ)
    .is-5 = 5 bit (HQQ)
    .is-3 = 3 bit (HQQ)
    .is-2 = 2 bit (HQQ)
    .is-1 = 1 bit (HQQ)
key-quantization_method = Packed by
    .is-bnb = bitsandbytes
    .is-hqq = HQQ
    .is-eetq = EETQ
key-quantization_type = 4-bit code
    .is-nf4 = NF4
    .is-fp4 = FP4
key-double_quantization = Quantize the scales too
key-create_new_adapter = Merge the starting adapter, train a fresh one
key-adapter_name_or_path = Adapters to start from
    .hint = Paths or names, comma-separated, in order
key-train_from_scratch = From random weights
key-use_llama_pro = Only expanded blocks (LLaMA Pro)
key-oft_rank = Blocks per layer
    .hint = In place of the block size, which then is 0
key-use_rslora = Scale by √rank (rsLoRA)
key-use_dora = Train size and direction apart (DoRA)
key-pissa_init = Start from the main directions (PiSSA)
key-pissa_iter = PiSSA iterations
    .hint = -1: exact
key-pissa_convert = Save as a plain LoRA adapter
key-init_lora_weights = Start of the adapter
    .is-true = zero
    .is-loftq = LoftQ
key-loftq_iter = LoftQ rounds
key-loraplus_lr_ratio = LoRA+ ratio
    .hint = Learning rate of B over that of A
key-additional_target = Trained whole
    .hint = embed_tokens,lm_head …

## key: the form: Data

key-dataset = Data set
key-template = Template
    .hint = How turns are written out
    .unset = The model's own
key-cutoff_len = Cut-off
    .hint = Most tokens of a row
key-val_size = Held out
    .hint = For evaluation: a share, or a number of rows
key-max_samples = Most rows
    .hint = Empty: all
key-eval_dataset = Evaluation data
    .hint = A data set of its own, instead of held-out rows
key-streaming = Train while reading
key-buffer_size = Shuffled at a time
    .hint = Rows that wait for their turn
key-mix_strategy = Several data sets
    .is-concat = One behind the other
    .is-interleave_under = In turn, until the first ends
    .is-interleave_over = In turn, until all have ended
key-interleave_probs = Share of each
    .hint = One for each data set, 1 in all: 0.7,0.3. Empty: in turn
key-default_system = System message
    .hint = For rows that bring none
key-enable_thinking = Thinking
    .unset = As in the template
    .is-true = On: replies without it get an empty block
    .is-false = Off: removed from replies
    .is-null = As the data has it
key-tool_format = Tool format
    .hint = How tools and calls are written
    .unset = The template's own
key-disable_shuffling = Keep the rows' order
key-rope_scaling = RoPE scaling
    .unset = none
    .is-linear = linear
    .is-dynamic = dynamic
    .is-yarn = YaRN
    .is-llama3 = Llama 3
key-pair_marks = Marks on pairs
    .hint = A run whose marked pairs are swapped or left out

## key: the form: Optimizer

key-learning_rate = Learning rate
key-optim = Optimizer
    .is-adamw_torch = AdamW
    .is-adamw_8bit = AdamW, 8-bit states
    .is-adafactor = Adafactor
    .is-lion_32bit = Lion
    .is-lion_8bit = Lion, 8-bit states
    .is-sgd = SGD
key-lr_scheduler_type = Schedule
    .is-cosine = cosine
    .is-linear = linear
    .is-constant = constant
    .is-constant_with_warmup = constant with warm-up
    .is-cosine_with_restarts = cosine with restarts
    .is-cosine_with_min_lr = cosine to a least rate
    .is-cosine_warmup_with_min_lr = the same, warmed up from a share
    .is-polynomial = polynomial
    .is-inverse_sqrt = inverse square root
    .is-warmup_stable_decay = warm-up, stable, decay
    .is-reduce_lr_on_plateau = lower on a plateau
key-warmup_ratio = Warm-up share
    .hint = Of all steps
key-warmup_steps = Warm-up steps
    .hint = Over the share when above 0
key-lr_scheduler_kwargs = Schedule's parameters
    .hint = JSON: { "{" }"num_cycles": 2{ "}" }
key-weight_decay = Weight decay
key-max_grad_norm = Clip at
    .hint = Gradient norm; 0: never
key-adam_beta1 = Adam beta 1
key-adam_beta2 = Adam beta 2
key-adam_epsilon = Adam epsilon
key-use_galore = Low-rank gradients (GaLore)
key-galore_rank = Projection rank
key-galore_update_interval = New projection every … steps
key-galore_scale = Projection scale
key-galore_target = Projected modules
    .hint = all, or parts of names
key-galore_proj_type = Projected side
    .is-std = shorter
    .is-reverse_std = longer
    .is-right = right
    .is-left = left
    .is-full = both
key-use_apollo = Low-rank scaling (APOLLO)
key-apollo_rank = Projection rank
key-apollo_update_interval = New projection every … steps
key-apollo_scale = Projection scale
key-apollo_target = Projected modules
    .hint = all, or parts of names
key-apollo_proj = Basis
    .is-random = random
    .is-svd = SVD
key-apollo_proj_type = Projected side
    .is-std = shorter
    .is-right = right
    .is-left = left
key-apollo_scale_type = Scaled by
    .is-channel = channel
    .is-tensor = tensor
key-apollo_scale_front = Scale before the norm limit
key-use_badam = Block by block (BAdam)
key-badam_switch_mode = Order of blocks
    .is-ascending = ascending
    .is-descending = descending
    .is-random = random
    .is-fixed = fixed
key-badam_start_block = First block
key-badam_switch_interval = Next block every … steps

## key: the form: Batch

key-num_train_epochs = Epochs
    .hint = Passes over the data
key-per_device_train_batch_size = Rows at once
    .hint = A micro-batch; takes memory
key-gradient_accumulation_steps = Accumulation
    .hint = Micro-batches a step
key-seed = Seed
key-max_steps = Most steps
    .hint = Instead of epochs
key-per_device_eval_batch_size = Evaluation batch
key-device = Device
    .unset = the best there is
    .is-cpu = CPU
    .is-cuda = CUDA
key-activation_memory = Memory for activations
    .hint = MiB; layers past it are recomputed. Empty: automatic
key-bf16 = Compute in bfloat16
key-fp16 = Compute in float16
key-pure_bf16 = Parameters in bfloat16 too

## key: the form: Cadence

key-eval_strategy = Evaluate
    .is-no = never
    .is-steps = every few steps
    .is-epoch = every epoch
key-eval_steps = Evaluate every
    .hint = Steps
key-save_strategy = Save checkpoints
    .is-no = never
    .is-steps = every few steps
    .is-epoch = every epoch
key-save_steps = Save every
    .hint = Steps
key-logging_steps = Log every
    .hint = Steps
key-save_total_limit = Checkpoints kept
    .hint = The best one beside them. Empty: all
key-sample_prompts = Sample prompts
    .hint = Held-out prompts that are answered on the way; 0: none
key-sample_own_prompts = Prompts of your own
    .hint = One a line
key-sample_max_new_tokens = Longest sample
    .hint = Tokens
key-sample_temperature = Sampling temperature
    .hint = 0: always the likeliest token

## key: the form: Run

key-run_name = Name
key-report_to = Logs for other programs
    .hint = Logs of other programs, in the run directory: TensorBoard's event files, offline runs of W&B and SwanLab for their own sync command
    .unset = None
    .is-tensorboard = TensorBoard
    .is-wandb = W&B
    .is-swanlab = SwanLab
    .is-trackio = trackio
    .is-mlflow = MLflow

## says: Several adapters or models merged into one

says-combine-takes-two = name two or more adapters or models to merge
# $weights, $count
says-combine-weights =
    --weights: { $weights ->
        [one] { $weights } number
       *[other] { $weights } numbers
    } for { $count ->
        [one] { $count } folder
       *[other] { $count } folders
    }; give one for each
says-combine-number = --{ $name }: takes finite numbers that do not add up to 0
says-combine-density = --density: { $density } is no share above 0 and up to 1
# $option, $method
says-combine-idle = { $option } changes nothing with { $method }: leave it out, or take another --method
says-combine-packed = is quantized ({ $how }), and merging takes plain weights: export it with `corral export`, which writes them, and merge that
says-combine-no-base = --base: takes a model's folder or hub name
says-combine-of-models = { $option } changes nothing where adapters are merged: leave it out
# $rank, $most
says-combine-rank-too-large = --rank { $rank } is more than these layers have: take at most { $most }
says-combine-rank = --rank: takes 1 or more
says-combine-slerp = slerp goes from one to another: name two, not { $count }
says-combine-mixed = adapters merge with adapters, models with models: export the adapters first, or name adapters alone
says-combine-kind = is a { $kind } adapter, which is no sum on its base's own weights: export it into its model, and merge models
# $theirs, $ours
says-combine-other-base = was trained on { $theirs }, the first on { $ours }: adapters of one base can be merged
says-combine-other-blocks = stands on another model than the first: `{ $what }` differs
says-out-is-a-file = is a file; name a folder
says-combine-value-head = has a value head, which is not merged: merge models that write, and train the reward model on what comes of it
says-combine-overflows = { $name } would not be finite: take smaller --weights
says-combine-other-form = describes another model than { $first }: models of one config can be merged
says-combine-first-kept = `{ $key }` differs among what was merged: the first one's is kept
says-combine-whole = brings `{ $name }` whole, which no share can be taken of: export each into its model, and merge models
# $module, $rank, $other, $method
says-combine-ranks = { $module }: ranks { $rank } and { $other } differ, and { $method } adds matrices of one rank: take cat or svd
says-combine-adapters-only = { $method } merges adapters; for models take linear, slerp, task_arithmetic, ties, dare_linear, dare_ties or magnitude_prune
# $method, $parts
says-combine-made-of = merged by { $method } from { $parts }
says-combine-no-training = the run was merged from checkpoints: there is nothing to stop or resume
says-combine-going = checkpoints are being merged already: wait for that, or stop it
says-combine-names-base = { $method } merges what training changed: name the model it started from, --base

## says: Files, and what holds other sentences

# $path, $why
says-file = { $path }: { $why }
# $path, $why
says-not-read = can't read { $path }: { $why }
says-held-out-metric = Held-out { $metric }
# $y, $x
says-metric-over = { $y } over { $x }
# $name, $why
says-of-dataset = data set `{ $name }`: { $why }
# $path, $why
says-of-tokenizer = tokenizer in { $path }: { $why }
# $name, $why
says-of-template = template { $name }: { $why }

## says: What is wrong with a run config: values, keys, how it is written

says-must-be-set = must be set
says-name-dataset = name a data set of dataset_info.json, or a file
# $value, $choices
says-not-one-of = `{ $value }` is not one of { $choices }
# $value, $choices
says-no-such-template = `{ $value }` is not one of { $choices }; leave it out to use the model's own
# $bytes, $most
says-template-too-long = the template has { $bytes } bytes, more than { $most }: put it into a file, shorter, or leave it out to use the model's own
says-no-end-of-reply = `{ $template }` writes no end of a reply, so what stands behind one is trained on as its end, and prompts can't be trained on; choose another template, or leave train_on_prompt out
says-scores-no-replies = stage: a reward model gives scores, not replies; `corral evaluate` shows them
# $key, $must, $value
says-key-must = { $key } { $must }, not { $value }
# $value, $choices
says-no-such-tool-format = `{ $value }` is not one of { $choices }; leave it out to write tools as the template does
says-at-least = must be at least { $least }
says-above-zero = must be above 0
# $least, $most
says-between = must lie between { $least } and { $most }
says-above-most = is too large: at most { $most }
# $what, $value
says-takes = takes { $what }, not { $value }
says-a-text = a text
says-a-map-or-json = a map, or a text of JSON
says-true-or-false = true or false
says-true-false-or-null = true, false or null
says-a-count = a whole number, 0 or more
says-a-smaller-count = a whole number up to 9,000,000,000,000,000 (beyond it a browser has none exactly)
says-a-count-without-zero = a whole number without a zero in front (YAML readers differ on it)
says-a-number = a number
says-a-number-from-zero = a number, 0 or more
says-one-of = one of { $names }
says-no-such-key =
    there is no such key{ $near ->
        [empty] { "" }
       *[other] ; did you mean { $near }?
    }
says-not-a-key = `{ $key }` is not a key of a run config
says-same-as = says the same as { $other }: keep one of them
# $a, $b
says-twice-on-lines = stands twice, on lines { $a } and { $b }: keep one of them
says-twice-on-line = stands twice on line { $a }: keep one of them
says-stands-twice = stands twice: keep one of them
says-file-too-large = the file is over 1 MiB: this is not a run config
says-v1-format = this is a file of LLaMA-Factory's v1 format, whose keys (model, train_dataset, peft_config …) are not read: write it with model_name_or_path, dataset, stage and finetuning_type, as the files in its examples/train_lora
says-not-a-map = a run config is a list of `key: value` lines
says-not-yaml = not readable as YAML: { $why }
says-second-document = a second document stands behind `---`: keep one run config in a file
says-option-without-value = takes a value, and none stands behind it
says-no-value = `{ $key }=` has no value: give one, or write { $key }=null for the default
says-not-key-value = `{ $word }` is not of the form key=value or --key value
says-other-command = `{ $verb }` is another command: keys are read from one that trains
says-names-file = the command names the file { $file }: paste what stands in it
says-no-json-map = holds no map of JSON: { $text }
says-no-home = { $path } is not known to be a folder: write it out from /
says-a-whole-number = takes a whole number
says-whole-steps = takes a whole number of steps, or a share of them below 1
says-share-or-rows = below 1 it is a share; above, a whole number of rows
# $a, $b
says-exclude-each-other = { $a } and { $b } exclude each other
says-evaluation-needs-rows = evaluation needs rows: set val_size or eval_dataset
says-own-order-and-length = rows can't stand in their own order and by length: leave out one of the two
says-nothing-to-do = do_train: false leaves nothing to do but with do_predict: true; `corral evaluate` evaluates
says-predicts-replies = predicting writes replies: set predict_with_generate: true
says-generates-when-predicting = replies are written by do_predict: true, not in evaluations during training
says-predicts-after-sft = replies are predicted at stage sft; other models may be judged by it too, with stage: sft and no do_train
says-predicts-held-rows = predicting needs rows that are read before: not with streaming
says-predicts-texts = predicting reads the data sets' texts, which tokens that are kept no longer have: predict in a run of its own, without tokenized_path
says-predicts-unpacked = with packing, val_size holds out blocks of several rows, so most rows predicted would be ones trained on: set eval_dataset instead of val_size
says-predicts-by-last = after training the last step's model predicts, not the best one: predict in a run of its own, by its checkpoint-best
says-predicts-other-rows = some rows suit only one of training and predicting, so what val_size holds out differs between them: what was trained is saved; predict with an eval_dataset in a run of its own
says-router-loss-stage = the router's auxiliary loss is part of stages pt, sft, dpo and kto only
says-adapter-needs-weights = an adapter needs the weights it was trained on: not with train_from_scratch
says-scratch-needs-full = random weights need finetuning_type: full
says-by-evaluations = goes by evaluations: set eval_strategy to steps or epoch
says-plateau-by-evaluations = reduce_lr_on_plateau goes by the evaluation loss: set eval_strategy to steps or epoch
# $name, $what, $value
says-knob-takes = { $name } takes { $what }, not { $value }
says-takes-a-map = takes a map, as { $example }
# $owner, $name, $names
says-no-such-knob = { $owner } has no `{ $name }`: it takes { $names }
# $owner, $name
says-no-knobs = { $owner } has no `{ $name }`: it takes nothing here
# $end, $rate
says-lr-end-below = lr_end { $end } must lie below the learning rate { $rate }
says-one-floor = give one of min_lr (a learning rate) and min_lr_rate (a share of it)
says-factor-below-one = factor must lie below 1
# $first, $second
says-and-also = { $first }; { $second }
says-no-list-of-keys =
    not a list of `key: value` lines{ $why ->
        [empty] { "" }
       *[other] : { $why }
    }
says-own-backend = infer_backend: { $backend } changes nothing: replies are Corral's own engine's
says-config-of-training = this is a config of training: what it made lies in its output_dir; name that instead ({ $made })
says-write-max-new-tokens = write max_new_tokens: how many tokens a reply has at most
says-no-such-export = { $key }: not there; a merged folder is plain safetensors on this machine, and quantized weights are `--format gguf` with `--dtype`
# $key, $keys
says-key-of-training = { $key }: a key of training, not of this; here there are { $keys }

## says: NVIDIA's cards: what is missing to train on one, and what to do

says-cuda-silent = corral-trainer did not say what cards this machine has
says-no-cuda-driver = there is no NVIDIA driver on this machine (libcuda.so.1 is not found): install NVIDIA's driver, version 525 or newer
says-cuda-stub = { $path } is a stub for building programs, not the driver: take its folder out of LD_LIBRARY_PATH, or install NVIDIA's driver
# $path, $call, $why
says-cuda-fails = the NVIDIA driver ({ $path }) does not answer: { $call } says { $why }; see whether `nvidia-smi` works
says-cuda-driver-old = the NVIDIA driver is too old: it runs CUDA { $version }, and 12.0 is the least; install driver 525 or newer
says-no-cuda-card = the NVIDIA driver finds no card
says-no-visible-card = CUDA_VISIBLE_DEVICES={ $value } leaves no card to be seen: name one that the machine has, or unset it
# $name, $capability
says-old-card = { $name } has compute capability { $capability }; cards from 8.0 on (RTX 30, A100 and newer) can be trained on, as older ones do not compute in bf16
says-no-cublas = cuBLAS, NVIDIA's library of matrix products, is not found: `corral cuda install` fetches it ({ $size }), a PyTorch with CUDA brings it too
says-bad-cublas = no cuBLAS of this machine can be used ({ $tried }): `corral cuda install` fetches one that can
# $index, $cards
says-no-such-card = there is no card { $index }: this program sees { $cards }, numbered from 0
says-on-cpu-instead = computes on the CPU: { $why }
# $width, $most
says-heads-too-wide-for-card = this model's attention heads have { $width } values, and cards compute heads of up to { $most }: set device to cpu
# $name, $need, $free, $total
says-card-lacks-room = { $name } has { $free } of its { $total } free, and this takes about { $need }
# $wanted, $free, $total
says-card-full = the card has no room for { $wanted } more: { $free } of its { $total } are free; the last checkpoint is kept
# $what, $advice
says-card-full-so = { $what }. { $advice }
# $keys, $need
says-card-would-do = With { $keys } the run needs about { $need }
says-card-is-too-small = The least this model needs here is about { $need }: take a smaller or quantized model, or a card with more memory
# $need, $total
says-card-is-shared = The run needs about { $need } of { $total }, so something else holds the rest: `nvidia-smi` shows what; end it, or choose another card by `device`
# $name, $version, $path
says-library-line = { $name } { $version }: { $path }
says-no-library-line = { $name }: not found
# $index, $name, $memory, $capability
says-card-line = cuda:{ $index }: { $name }, { $memory }, compute capability { $capability }
# $line, $why
says-card-line-but = { $line } — { $why }
says-no-card-trains = No card can be trained on: { $why }
says-cards-train =
    { $count ->
        [one] { $count } card
       *[other] { $count } cards
    } can be trained on
# $version, $path
says-cublas-is-there = cuBLAS { $version } is there already: { $path }
# $package, $version, $size, $tool, $folder
says-fetches-cublas = Fetches { $package } { $version } ({ $size }) with { $tool } into { $folder }
says-cublas-installed = cuBLAS lies in { $folder }; `corral cuda status` says what the card can do with it
says-no-pip = This machine has neither uv nor pip, which fetch packages. Type these two lines:
# $free, $needed
says-no-room-for-cublas = { $free } are free on this disk, and unpacking cuBLAS takes { $needed }: make room, or set DATA_DIR to a folder on another disk
# $tool, $why
says-tool-not-started = { $tool } can't be started: { $why }
# $tool, $status
says-tool-failed = { $tool } did not fetch cuBLAS ({ $status }); its own lines above say why, and nothing was installed
says-cuda-unavailable = device: cuda — { $why }

## says: Data sets: where they are listed, and what is wrong with their entries

# $name, $list, $near
says-dataset-unlisted =
    data set `{ $name }` is neither in { $list } nor a file{ $near ->
        [empty] { "" }
       *[other] ; did you mean `{ $near }`?
    }
# $name, $list
says-no-dataset-list = data set `{ $name }` is not a file, and there is no { $list } to look it up in (`dataset_dir`)

says-not-an-object-of-datasets = must be an object of data sets by name
says-entry-no-object = its entry in { $list } must be an object
says-entry-no-file = its entry in { $list } has no `file_name`
# $key, $place, $folder
says-entry-elsewhere = it is not on this machine (`{ $key }`: { $place }); download its files into { $folder } and put `file_name` in its entry
# $key, $name, $command
says-entry-on-hub = it is not on this machine (`{ $key }`: { $name }); download it: `{ $command }`
# $key, $name, $file, $more, $command
says-entry-lacks-files =
    `{ $key }`: { $name } is not here whole, { $file } is missing{ $more ->
        [empty] { "" }
       *[other] , with { $more } more
    }; fetch the rest: `{ $command }`
# $key, $script
says-entry-script = its rows come from a Python program (`{ $key }`: { $script }), which is not run; write them to a file and name that as `file_name`
# $key, $name
says-no-hub-name = `{ $key }` must be a name on the hub, owner/name; it is `{ $name }`
says-entry-text = `{ $key }` must be a text
says-entry-object = `{ $key }` must be an object
says-entry-flag = `{ $key }` must be true or false
says-entry-count = `{ $key }` must be a whole number above 0
# $key, $name, $names
says-entry-lacks = `{ $key }` has no `{ $name }`; it has { $names }
# $list, $key, $meant
says-entry-near = its entry in { $list } has `{ $key }`; did you mean `{ $meant }`?
says-entry-split = split `{ $split }`: a file has one split, `train`; put the rows wanted into a file of their own
# $list, $key
says-entry-beside-file = its entry in { $list } has `{ $key }` beside `file_name`: rows are read from that file alone; take `{ $key }` out, or download what is wanted and name it as `file_name`
says-no-hub-folder = it has no data file in a folder `{ $folder }`
says-name-a-subset = it has several subsets; name one as `subset`: { $subsets }
# $subset, $subsets
says-no-hub-subset =
    it has no subset `{ $subset }`{ $subsets ->
        [empty] { "" }
       *[other] ; it has { $subsets }
    }
# $split, $splits
says-no-hub-split = it has no split `{ $split }`; it has { $splits }
says-no-hub-files = it has no data file that is read
says-entry-pairs-unmarked = `columns` names a side of pairs (`{ $column }`), and without `ranking` they are not read as pairs: set `ranking: true`, or take the column out
says-entry-formatting = formatting `{ $value }` is unknown; it is `alpaca`, `sharegpt` or `openai`
# $key, $replies, $verdicts
says-comparison-shape = `{ $key }` must be an object: `{ $replies }` (two columns, or one with a list) and one of { $verdicts }
says-comparison-lists = `{ $key }` must be a list of names of columns
# $list, $column, $file, $columns
says-column-nowhere = its entry in { $list } names the column `{ $column }`, which no row of { $file } has; there are { $columns }
says-holds-pairs = preference pairs, which stages `dpo`, `rm` and `kto` train on
says-holds-instructions = instructions with one reply each, which stage `sft` trains on
says-holds-text = plain text, which stage `pt` trains on
says-holds-labelled = single labelled replies (`kto_tag`), which stage `kto` trains on
says-holds-prompts = prompts without replies, which stage `ppo` trains on
# $what, $stage
says-wrong-kind = it holds { $what }; this run is stage `{ $stage }`
# $held, $rows
says-holds-out-all = `val_size` holds out { $held } rows of { $rows }; none is left to train on: set it lower, or name an eval_dataset
# $tokens, $cutoff
says-block-unfilled = { $tokens } tokens in all don't fill one block of `cutoff_len` { $cutoff }; lower it or add text
says-too-many-rows = more rows, or a longer one, than can be counted by 32 bits; `max_samples` takes the first of them
says-broken-off = loading was broken off
# $name, $total, $rows
says-no-usable-row =
    data set `{ $name }` has no usable row among its { $total }{ $rows ->
        [empty] { "" }
       *[other] ; { $rows }
    }
# $row, $why
says-at-row = row { $row }: { $why }
# $first, $more
says-row-and-more = { $first }; { $more }
says-row-no-object = row { $row } is not an object
says-has-no-rows = has no rows
# $name, $row
says-no-rows-usable =
    { $name }: none of its rows can be used{ $row ->
        [empty] { "" }
       *[other] : { $row }
    }

# $endings, $folders
says-folder-without-data =
    holds no data file ({ $endings }){ $folders ->
        [empty] { "" }
       *[other] ; its folders may: { $folders }
    }
# $first, $second
says-folder-of-two-types = holds data files of two types ({ $first }, { $second }): keep files of one type in a folder, or name one file
# $first, $second, $register
says-folder-of-listed-files = holds data files of two types ({ $first }, { $second }), which its { $register } lists: name that file to choose among its data sets, or name one data file
# $file, $row, $why
says-in-file = { $file }, row { $row }: { $why }
says-is-utf16 = is UTF-16; save it as UTF-8 (`iconv -f { $encoding } -t UTF-8 in > out`)
# $format, $why
says-unpacking-failed = is packed by { $format } and can't be unpacked: { $why }
says-packed-no-text = is packed, and what is in it is no text: unpack it first
says-grows-too-far = would grow to more than { $most } MiB when it is read, far more than so small a file should hold; nothing of it is used
says-is-archive = is an archive ({ $format }); unpack it, and name the data file in it
says-is-spreadsheet = is a spreadsheet; save it as CSV (UTF-8)
says-packed-otherwise = is packed by { $format }, which is not read; unpack it, or pack it by gzip or Zstandard
says-of-other-program = is a file of { $format }, whose rows are not read; write them to a .jsonl or .csv file
says-is-json-named = is called .{ $ending } and begins as JSON; if it is that, call it .json or .jsonl
says-old-feather = is Feather of the first version, which is no longer written; write it anew (`pandas.read_feather("in").to_feather("out")`)
says-not-as-named = is called .{ $ending } and does not begin as such a file does
says-spreadsheet = a spreadsheet (.{ $ending }) is not read: save its sheet as CSV (in a spreadsheet program: Save As, CSV UTF-8) and add that file
# $texts, $packings, $tables
says-not-a-data-file = is no data file by its name: { $texts } are read, each packed too ({ $packings }), and { $tables }
# $format, $rows, $why
says-table-broken =
    can't be read as { $format }{ $rows ->
        [empty] { "" }
       *[other] { " " }after row { $rows }
    }: { $why }
says-row-too-long = is longer than { $most } MiB
# $found, $wanted
says-cells-differ =
    has { $found ->
        [one] { $found } cell
       *[other] { $found } cells
    }; the first line names { $wanted ->
        [one] { $wanted } column
       *[other] { $wanted } columns
    }
says-behind-quote = cell { $cell } goes on behind its closing quote; a quote within quotes is written twice (`""`)
says-lone-returns = its lines end in carriage returns alone (CR), as old spreadsheets write them; save it with LF or CRLF, as CSV UTF-8
says-quote-open = a quote that opens on line { $line } is never closed
# $line, $most
says-quote-too-long = a row goes on for more than { $most } MiB; the quote that opens on line { $line } may never be closed
says-mixture-endless = these data sets interleave to more than { $most } rows: one of them is drawn too rarely (`interleave_probs`)
says-is-empty = is empty
# $line, $most
says-line-too-long = line { $line } is longer than { $most } MiB
# $first, $second
says-several-lists = holds several lists of rows (`{ $first }`, `{ $second }`); put the one wanted into a file of its own
says-one-object = holds one object; a list of rows is needed, or one row a line

says-row-without-pair = it has no chosen and rejected reply
says-row-without-label = it has no label (true or false in the column `kto_tag` names)
says-row-without-reply = it has no reply
says-counted-not-learned = the replies that count here are marked as not to be learned
says-no-reply-left = no token of the reply is left within `cutoff_len` { $cutoff }; the prompt fills it
says-no-turns = no turns
says-turns-before-reply = { $n } turns before the reply; they alternate, beginning and ending with the user's
says-turn-is-users = turn { $turn } is the user's; turns alternate, beginning with the user's
says-turn-is-assistants = turn { $turn } is the assistant's; turns alternate, beginning with the user's
says-the-users = the user's
says-the-assistants = the assistant's
says-a-tools-answer = a tool's answer
says-a-tool-call = a tool call
# $turn, $what, $name
says-template-leaves-out = the model's chat template leaves out turn { $turn } ({ $what }); a named template writes it: set `template`, for instance to `{ $name }`

says-of-the-model = of the model
says-of-the-run = of the run
says-template-unreadable = can't be read: { $why }
says-template-refuses = the model's chat template refuses it: { $why }
says-template-too-much = the model's chat template can't be given it: { $why }
says-reply-not-behind-prompt = the model's chat template doesn't put the reply right after its prompt, so the tokens that count can't be told; set `template` to a named one
# $name, $names
says-tool-format-unknown = tool_format `{ $name }` is not one of { $names }
says-tool-format-of-model = it writes tools in its own way, so tool_format `{ $name }` can't be followed; set `template`, or leave `tool_format` out
says-no-chat-template = the model folder has no chat template; set `template`, for instance to `default`
says-no-default-template = tokenizer_config.json has the chat templates { $names } and none called `default`; rename the one to use, or set `template`
says-bad-call = a function call that is not JSON: { $why }
says-bad-tools = a tool description that is not JSON: { $why }
says-tools-must-be-list = `tools` must be a JSON list
says-call-without-name = a function call without a `name`
says-call-without-arguments = call of `{ $name }` without `arguments`
says-one-call-at-a-time = GLM-4 calls one function at a time
says-arguments-no-object = the arguments of `{ $name }` are no object

# $file, $at
says-words-broken = `{ $file }` can't be read from byte { $at } on; take that of the model again
# $file, $line
says-words-line = line { $line } of `{ $file }` is no token of it; take that of the model again
# $file, $key, $place
says-words-entry = `{ $key }` of `{ $file }` can't be used at { $place }; take that of the model again
# $file, $why
says-words-vocab = `{ $file }` is no map of tokens to ids ({ $why }); take that of the model again
# $file, $kind
says-words-kind = `{ $file }` is of the kind `{ $kind }`; SentencePiece's BPE and unigram are read: put the model's tokenizer.json beside it
# $file, $bytes, $most
says-words-long-piece = `{ $file }` holds a token of { $bytes } bytes, more than { $most }; take that of the model again
says-words-no-merges = stands without `merges.txt`; put that of the model beside it
# $class, $file
says-words-class = how `{ $class }` parts text is not known here; put the model's tokenizer.json beside `{ $file }`
# $token, $id, $file
says-words-id-taken = `{ $token }` can't have id { $id }, as the added tokens say: `{ $file }` has another token there; take both of the model again
says-tokenizer-json-missing = there is no `tokenizer.json`, `tokenizer.model`, `tekken.json`, `qwen.tiktoken` or `vocab.json`; put that of the model there
says-tokenizer-broken = { $doing }: `tokenizer.json` is broken; take that of the model again
# $token, $id, $left
says-added-token = `tokenizer_config.json` gives `{ $token }` id { $id }, `tokenizer.json` leaves { $left } for it
says-no-id = none
says-not-utf8 = is not UTF-8
says-not-json = is not JSON: { $why }
says-tokenizer-file-too-large = is too large to be a tokenizer file
says-entry-twice = `{ $name }` stands in it more than once, and which entry is meant can't be told: rename or remove one
# $name, $key
says-key-of-entry-twice = the entry `{ $name }` has `{ $key }` more than once, and which is meant can't be told: remove one

## says: Packed weights that do not add up, what a talk can't be made of, and what keeps a program from answering

# $input, $output
says-not-in-words = a layer of { $input } to { $output } does not fill words of eight values: the file is broken, or its config is another model's; download the folder again
# $name, $got, $group, $want
says-packed-words = `{ $name }` has { $got } words where groups of { $group } need { $want }: the file is not whole, or its config is another model's; download the folder again
# $got, $inputs
says-group-order = `g_idx` has { $got } entries for { $inputs } inputs; download the folder again
# $group, $groups
says-no-such-group = `g_idx` names group { $group } of { $groups }; download the folder again
# $values, $group
says-no-whole-groups = { $values } values are no whole number of groups of { $group }: quantize with another method, or not at all
# $input, $output
says-eetq-widths = a layer of { $input } to { $output } is none that EETQ can hold: both are multiples of 64 there; download the folder again
says-codes-not-finite = holds codes that are no number (NaN or infinity); download the folder again
# $got, $groups, $rows, $want
says-group-scales = there are { $got } scales where { $groups } groups of { $rows } rows need { $want }; download the folder again
says-packed-block = the block size is { $block }; it must be a power of two, 2 or more: download the folder again
# $bytes, $values, $want
says-packed-bytes = { $bytes } bytes hold { $values } values, not { $want }; download the folder again
# $got, $blocks, $size
says-block-scales = there are { $got } scales for { $blocks } blocks of { $size }; download the folder again
# $nested, $scales
says-nested-scales = there are { $nested } nested scales for { $scales } scales; download the folder again
# $scales, $rows
says-row-scales = there are { $scales } scales (SCB) for { $rows } rows; download the folder again
# $columns, $format, $block
says-uneven-blocks = rows of { $columns } values are no whole number of { $format } blocks of { $block }; download the file again
# $bytes, $rows, $columns, $format
says-bytes-of-rows = { $bytes } bytes are not { $rows } x { $columns } values of { $format }; download the file again

# $number, $role
says-role-of-talk = message { $number }: role `{ $role }` is not one of user, assistant, tool, or system in the first place
# $known, $id, $token
says-unknown-token-in-talk = the model knows { $known } tokens, but the conversation holds id { $id } ({ $token }): the tokenizer is another model's, or tokens were added to it that the weights lack; put the model's own tokenizer beside its weights
says-token-undecodable = a token could not be turned into text: { $why }; the tokenizer is damaged: take the model's folder again
# $what, $index
says-empty-completion = { $what } { $index } of the batch has an empty completion
# $known, $id
says-reference-tokens = ref_model: it knows { $known } tokens, but the replies hold id { $id }: it must have the tokens of the model that is trained
says-tensors-failed = the tensor library failed: { $why }
says-not-downloaded = model { $name } of the hub is not on this machine: download it first
# $program, $status
says-ended-wordless = { $program } said nothing and ended with { $status }
says-answer-short = corral-trainer did not answer for each model; try again

## says: What a model's config and quantized files say that cannot be computed here

says-no-json-object = not a JSON object: { $why }
# $key, $value, $supported
says-unsupported = `{ $key }` is { $value }; supported: { $supported }
# $value, $supported
says-unsupported-awq = AWQ's `version` is { $value }; supported: { $supported }
# $key, $value, $what
says-must-be = `{ $key }` is { $value }; it must be { $what }
says-even = even
says-above-nothing = a number above 0
says-at-most-one = at most 1
says-numbers-of = a list of { $count } numbers
says-above-nothing-or-all = above 0, or -1
# $experts, $most
says-a-divisor-of = a divisor of the { $experts } experts and at most { $most }
says-groups-with-enough-experts = at most the { $count } groups, and enough that they hold the experts of a token
says-one-number = one number for all layers
says-two-above-nothing = two numbers above 0
says-a-list-of-counts = a list of whole numbers
says-from-one-to = a whole number from 1 to { $most }
says-key-is-missing = `{ $key }` is missing
# $key, $name
says-key-lacks = `{ $key }` has no `{ $name }`
# $heads, $kv
says-heads-do-not-divide = { $heads } attention heads do not divide into { $kv } key-value heads
# $found, $supported
says-other-architecture = `architectures` names { $found }; supported: { $supported }
# $architecture, $why
says-family-left-out = { $architecture } is not trained here: { $why }
says-yuan-left-out = its attention filters queries and keys over time, which no other family does
says-phi-small-left-out = its attention is block-sparse, which no other family's is
says-more-than-a-decoder = `architectures` names { $found }, a model that reads more than text; take the folder of the text model alone (its architecture ends with ForCausalLM)
says-no-architecture = no architecture
# $kind, $supported
says-rope-scaling = RoPE scaling `{ $kind }`; supported: { $supported }
says-rope-not-scalable = rope_scaling: the positions of { $family } cannot be scaled (they are not rotary, or its modelling code scales none): leave the key out
# $family, $asked, $supported
says-rope-scaled-otherwise = rope_scaling: the modelling code of { $family } does not scale positions by `{ $asked }`; supported: { $supported }
# $count, $layers
says-layer-types-of = `layer_types` has { $count } entries for { $layers } layers
# $kind, $supported
says-layer-type = layer type { $kind }; supported: { $supported }
# $chosen, $experts, $key
says-too-many-experts-chosen = `num_experts_per_tok` is { $chosen }, more than the { $experts } of `{ $key }`
# $key, $size
says-more-than-any-model = `{ $key }` is { $size }, more than any model has: the file is broken
says-header-cut-off = the header is cut off; download the file again
# $count, $what
says-broken-header = the header announces { $count } { $what }: the file is broken
says-broken-header-text = the header holds a text of { $length } bytes: the file is broken
says-broken-header-list = the header holds a list no model has: the file is broken
says-header-value-type = the header holds a value of unknown type { $kind }
# $name, $rank
says-tensor-dimensions = `{ $name }` has { $rank } dimensions
says-no-gguf = this is no GGUF file
says-gguf-version = GGUF version { $version }; supported: 2, 3
says-past-the-end = a tensor lies past the end of the file; download it again
# $name, $supported
says-gguf-architecture = the architecture is { $name }; supported in GGUF: { $supported }
says-no-metadata = the metadata has no `{ $key }`: the file is not whole; download it again, or convert the model anew
# $key, $value
says-gguf-key = `{ $key }` is { $value }, which asks for something that is not computed here
# $name, $architecture
says-gguf-tensor = the file has a tensor `{ $name }` that no { $architecture } known here computes with
says-no-biases-in-gguf = queries, keys and values have biases and what attention gives has none, or the other way round: no Llama is such; put the model's config.json beside the file
says-rope-table = RoPE is scaled by a table (`rope_freqs`) and by a factor besides: put the model's config.json beside the file
# $kind, $supported
says-gguf-rope-scaling = RoPE scaling `{ $kind }` in GGUF; supported: { $supported }
# $count, $names
says-several-gguf = there are { $count } GGUF files here ({ $names }): name the one that is meant by its path, or keep one
# $kind, $supported
says-ggml-type = is coded as ggml's type { $kind }; supported: { $supported }
says-gguf-no-text = `tokenizer.ggml.tokens` holds { $value }, which is no text
says-gguf-no-pair = `tokenizer.ggml.merges` holds { $value }, which is no pair
says-gguf-no-tokenizer = the file holds no tokenizer: put the model's tokenizer.json beside it
says-gguf-tokenizer-kind = its tokenizer is of the kind `{ $kind }`; `gpt2` and `llama` are built from a file: put the model's tokenizer.json beside it
says-gguf-unknown-parts = its tokenizer parts text in the way `{ $name }`, which is not known here: put the model's tokenizer.json beside it
says-gguf-none-of-family = llama.cpp has no model of the class { $class }: export it as `--format merged`
# $name, $architecture
says-gguf-no-place = llama.cpp's { $architecture } has no place for `{ $name }`: export the model as `--format merged`
# $models, $what
says-gguf-unsaid = llama.cpp computes no { $models } such as this one ({ $what }), and a file would mean another model: export it as `--format merged`
says-gguf-of-reward-model = this is a reward model, and GGUF has no place for its value head: export it as `--format merged`
says-gguf-no-such-tokenizer = llama.cpp's files hold tokenizers of byte-level and SentencePiece's BPE, not { $kind }: export the model as `--format merged`
# $tokens, $rows
says-gguf-tokens-past-rows = has { $tokens } tokens, and the model's tables have { $rows } rows: take the tokenizer that the model came with
says-gguf-unnamed-parts = llama.cpp has no name for how this tokenizer parts text: the file says `default`, and some texts become other tokens there
says-gguf-other-letters = llama.cpp writes texts as they come: it has no form for the letters that this tokenizer replaces or the spaces that it leaves out, and texts with them become other tokens there
says-gguf-without-window = llama.cpp's files say nothing of this model's windows of { $window } tokens: longer texts are computed otherwise there
says-gguf-without-growth = llama.cpp has no dynamic RoPE and no log-n attention: texts of more than { $original } tokens are computed otherwise there

## says: Why a key of another program has no effect here, and what is not there

says-own-engine = Corral's own engine is used
says-for-vllm = it is for vLLM
says-for-sglang = it is for SGLang
says-recompute-by-memory = saving or recomputing is chosen per layer by memory
says-tokens-known-again = tokens are used again only where data, template, tokenizer and lengths are the same
says-tokenizes-on-all-cores = tokenizing uses all cores
says-rows-one-by-one = rows are read one by one
says-one-worker-reads = rows are read by the one worker there is
says-no-loader-process = there is no loader process
says-unused-never-loaded = unused columns are never loaded
says-metrics-in-board-and-events = metrics are in the board and in events.jsonl
says-trackers-offline = the run is written to files, which the tracker's own command uploads
says-board-draws = the board draws the curves
says-metrics-in-events = metrics are in output_dir/events.jsonl
says-log-is-worker-log = the log is worker.log
says-see-log = see the log
says-bad-loss-ends-run = a loss that is no number ends the run
says-memory-always-logged = memory is always logged
says-speed-always-logged = tokens per second are always logged
says-evaluation-own-metrics = evaluation computes its own metrics
says-evaluation-no-logits = evaluation keeps no logits
says-always-evaluates-first = there is always an evaluation before the first step
says-bar-on-terminal = the progress bar shows on a terminal only
says-own-attention = Corral's own attention is used
says-own-kernels = Corral's own kernels are used
says-norms-in-f32 = norms are always computed in f32
says-logprobs-in-f32 = log-probs are always computed in f32
says-see-bf16 = parameters stay in f32; bf16: true computes in bf16
says-see-fp16 = see fp16
says-of-fp8 = it belongs to fp8, which is not there
says-one-device = the run uses one device
says-of-hyper-parallel = it belongs to use_hyper_parallel, which is not there
says-no-model-code = code of a model is never run
says-weights-mapped = weights are memory-mapped
says-no-cache-in-training = training needs no key-value cache
says-engine-keeps-memory = memory is kept by the engine
says-no-graph-compiler = there is no graph compiler
says-always-deterministic = runs are always deterministic
says-always-goes-on = a resumed run always goes on where it was
says-see-device = see device
says-set-hf-token = set HF_TOKEN in the environment
says-set-ms-token = set MODELSCOPE_API_TOKEN in the environment
says-models-from-hubs = models come from folders, from Hugging Face and from ModelScope
says-nothing-uploaded = nothing is ever uploaded
says-for-export = it is for `corral export`
says-of-badam-ratio = it belongs to badam_mode: ratio, which is off
says-no-padding = there is no padding
says-lengths-counted = lengths are counted
says-see-neat-packing = see neat_packing
says-see-cutoff-len = see cutoff_len
says-embeddings-whole = embeddings train whole (additional_target), never by a low-rank term
says-of-asft = it belongs to use_asft_loss, which is not there
says-of-new-tokens = it belongs to new_special_tokens_config, which is not there
says-media-not-read = images, video and audio are not read
says-for-writing = it is for writing replies, which training does not
says-for-benchmarks = it is for multiple-choice benchmarks, which are not there
says-of-torch-profiler = it belongs to enable_torch_profiler, which is not there
says-galore-all-layers = takes false: GaLore goes over all layers at once here; to save the room that layerwise would, set pure_bf16: true
says-apollo-all-layers = takes false: APOLLO goes over all layers at once here; to save the room that layerwise would, set pure_bf16: true
says-write-projection-keys = write galore_rank, galore_update_interval, apollo_rank … as keys of their own
says-write-projection-target = write galore_target or apollo_target
says-no-adam-mini = Adam-mini is not there yet
says-no-muon = Muon is not there yet
says-no-sft-smoothing = label smoothing of the supervised loss is not there yet; for DPO use dpo_label_smoothing
says-no-shift-attention = shifted sparse attention is not there yet
says-no-mixture-of-depths = mixture of depths is not there yet
says-no-resizing = resizing the vocabulary is not there yet
says-no-new-tokens = adding tokens is not there yet
says-special-kept-whole = special tokens in a text are kept whole
says-no-media = images, video and audio are not supported
says-no-earlier-thinking = the reasoning of earlier turns is always left out
says-no-deepspeed = take this line out: DeepSpeed spreads training over several devices, and on one device, which is what is there, it changes no result
says-no-several-devices = training on several devices is not there yet
says-no-ktransformers = KTransformers' weights and adapters are not read
says-no-fp8 = computing in fp8 is not there yet
says-no-asft = the ASFT loss is not there yet; its part without the divergence from the base model is use_dft_loss
says-no-torch = there is no torch to profile
says-no-benchmarks = multiple-choice benchmarks are not there; `corral evaluate` scores a data set
says-evaluated-together = data sets are evaluated together; evaluate them apart with `corral evaluate`
says-last-batch-trained = the last, smaller batch of an epoch is always trained on
says-no-padding-in-loss = there is no padding to count in the loss
says-always-safetensors = checkpoints are always safetensors
says-biases-frozen = biases stay frozen
says-batch-as-said = the batch size is what you say; memory is met by recomputing
says-goes-on-with-next-rows = a resumed run goes on with the rows that come next
says-no-accelerate = there is no Accelerate to configure
says-no-module-dropout = dropout of whole blocks is not there for OFT; PEFT takes the number and never uses it
says-write-adafactor = write optim: adafactor
says-write-create-new-adapter = write create_new_adapter
says-sampling-choices = there are "random", "sequential" and "group_by_length"
says-name-adapter-folder = name the folder itself in adapter_name_or_path
says-no-beams = replies are drawn one token after the other, without beams
says-write-sampling-keys = write temperature, top_p, top_k … as keys of their own
says-see-group-by-length = see group_by_length

## says: What is good to know of the rows of a data set, and no reason to refuse them

says-unused-columns = not used: { $columns }; columns that belong to prompt or reply are named under `columns` in dataset_info.json
# $list, $keys
says-unused-entry-keys = its entry in { $list } has keys that nothing is made of: { $keys }
says-unused-files = its folder holds more that is not read: { $files }
# $key, $n
says-unused-list =
    `{ $key }` ({ $n ->
        [one] { $n } row
       *[other] { $n } rows
    }) is not used; rows to be used besides go into a file of their own
# $keys, $column
says-unused-keys = not used: { $keys } inside of `{ $column }`
# $column, $n
says-other-prompt =
    in { $n ->
        [one] { $n } row
       *[other] { $n } rows
    } `{ $column }` is no part of the conversation; the conversation is used, `{ $column }` is not
says-marked-prompts =
    { $n ->
        [one] { $n } row marks
       *[other] { $n } rows mark
    } a user's turn as one to learn; only `train_on_prompt` learns those
says-same-replies =
    { $n ->
        [one] { $n } pair has
       *[other] { $n } pairs have
    } the same chosen and rejected reply; there is nothing to prefer there
says-empty-replies =
    { $n ->
        [one] { $n } row has
       *[other] { $n } rows have
    } an empty reply; the model learns to say nothing
says-one-label = every label is { $label }; KTO needs good and bad replies to tell them apart
says-ties =
    { $n ->
        [one] { $n } row is
       *[other] { $n } rows are
    } left out: a tie, neither reply is the better one
says-unjudged-rows =
    { $n ->
        [one] { $n } row is
       *[other] { $n } rows are
    } left out: nothing there says which reply is the better one
says-labels-unread =
    { $n ->
        [one] { $n } row is
       *[other] { $n } rows are
    } left out: the label is neither good nor bad
# $column, $values
says-no-labels = `{ $column }` is not used: what it holds ({ $values }) is neither good nor bad; labels are true or false
says-other-replies =
    in { $n ->
        [one] { $n } row
       *[other] { $n } rows
    } there are more replies than a pair has: of those that are judged the best and the worst are used, else the first; give the others rows of their own
# $key, $row, $n
says-key-twice =
    `{ $key }` stands twice in one object, first in row { $row } ({ $n ->
        [one] { $n } row
       *[other] { $n } rows
    } in all); its last value is used
says-empty-column = `{ $column }` is empty in every row: there is no reply to learn, so that the rows are prompts (stage `ppo`)
says-same-tokens =
    { $n ->
        [one] { $n } pair has
       *[other] { $n } pairs have
    } the same tokens for chosen and rejected; there is nothing to prefer there
says-last-reply-counts =
    in { $n ->
        [one] { $n } row
       *[other] { $n } rows
    } only the last reply counts, because the model's chat template writes earlier ones in another way; a named `template` counts them all
says-first-prompt-only = stage `pt` learns the first prompt of each row alone; replies are not used
says-thoughts-left-out =
    in { $n ->
        [one] { $n } row
       *[other] { $n } rows
    } the template leaves out the thoughts that stand apart (`reasoning_content`)
says-tools-left-out =
    in { $n ->
        [one] { $n } row
       *[other] { $n } rows
    } the tools change nothing: the template leaves them out
says-system-left-out =
    in { $n ->
        [one] { $n } row
       *[other] { $n } rows
    } the template leaves out the system message
says-block-in-reply =
    in { $n ->
        [one] { $n } row
       *[other] { $n } rows
    } the prompt ends before the block that the template opens for the reply, because the reply has none

## says: What a look at a run's curves found, with its numbers

# $after, $before
says-health-accuracy-fell = Worse than before training: the chosen reply is preferred in { $after } of held-out pairs, before it was { $before }.
# $after, $before
says-health-margin-fell = Worse than before training: the held-out preference margin is { $after } nats per token, before it was { $before }.
# $after, $before
says-health-reward-fell = Worse than before training: the held-out reward is { $after }, before it was { $before }.
# $after, $before
says-health-held-out-loss-rose = Worse than before training: the held-out loss is { $after }, before it was { $before }.
says-health-diverged = The learning rate is too high: loss or gradient were no longer finite at step { $step }.
# $loss, $start, $peak, $step
says-health-never-fell = The learning rate looks too high: the loss is { $loss }, began at { $start } and went up to { $peak } around step { $step }.
# $loss, $before, $steps
says-health-nothing-moves =
    Nothing moves: after { $steps ->
        [one] { $steps } step
       *[other] { $steps } steps
    } the held-out loss is { $loss }, before training it was { $before }. The learning rate looks too low.
# $after, $before, $margin, $margin_before
says-health-displaced = The chosen reply itself gets less likely: its held-out log-prob fell from { $before } to { $after }, while the preference margin rose from { $margin_before } to { $margin }.
# $count, $norm, $step, $usual
says-health-spikes =
    { $count ->
        [one] { $count } spike
       *[other] { $count } spikes
    } of the gradient norm: up to { $norm } at step { $step }, where { $usual } is usual.
# $step, $percent, $held_out
says-health-memorised = Every training pair is told apart from step { $step } on ({ $percent } of the run), held-out pairs in { $held_out }: memorised, or rows of training name the answer.
# $lowest, $step, $after
says-health-turned = Held-out loss turned up: { $lowest } at step { $step } was its lowest, now it is { $after }.
# $after, $before, $percent
says-health-longer = Replies get longer: { $after } tokens, at the beginning { $before } (+{ $percent }).
# $after, $before, $percent
says-health-shorter = Replies get shorter: { $after } tokens, at the beginning { $before } (−{ $percent }).
# $after, $before
says-health-endless = Replies no longer end: { $after } of those to the sample prompts are cut off at the most tokens, before training { $before }.
# $after, $before
says-health-repetitive = Replies repeat themselves: { $after } of their runs of four tokens came before in the same reply, before training { $before }.
# $step, $percent, $loss, $start
says-health-saturated = Nothing is left to learn from step { $step } on ({ $percent } of the run): the loss is { $loss } of { $start }, and the gradient is all but zero.
# $percent, $cut, $rows, $length
says-health-cut = { $percent } of the rows are cut off: { $cut } of { $rows } are longer than { $length } tokens.
# $percent, $cut, $rows, $length
says-health-cut-at-most = { $percent } of the rows are cut off: { $cut } of { $rows } are longer than { $length } tokens, and the model was made for no more: split or shorten these rows, or train a model with a longer context.
says-health-no-held-out = No held-out rows: nobody can tell whether this generalises.
# $seconds, $usual
says-health-stalled =
    Nothing was heard from the worker for { $seconds } s{ $usual ->
        [empty] { "" }
       *[other] , a step takes { $usual } s
    }. It may be in a long step, or stuck.
# $after, $before, $step
says-health-slower = Slower since about step { $step }: { $after } tokens/s, before { $before }. Something else may be using the machine.
# $finding, $changes
says-health-try = { $finding } Try { $changes }.
# $finding, $checkpoint
says-health-use = { $finding } { $checkpoint } is the better one.

## says: What went wrong with a hub, and why

# $file, $reason
says-hub-broken = the download of { $file } failed: { $reason }. What arrived is kept; try again to go on
# $file, $reason
says-hub-wrong = what the hub sends of { $file } is not used: { $reason }. Nothing of it is kept; ask its owner, or try another hub or revision
says-hub-offline = no hub is asked for { $name } while HF_HUB_OFFLINE is set, and what of it is in the cache is not all that is wanted: unset it to download
says-hub-offline-plan = what { $name } takes is the hub's to say, which is not asked while HF_HUB_OFFLINE is set: unset it to see
says-asking-failed = asking it failed: { $message }
says-no-endpoint = the hub's endpoint is no address
says-no-address = it is no address
says-redirect-nowhere = a redirect leads nowhere
says-redirect-circles = it redirects in circles
says-hub-answers = the hub answers { $status }
says-hub-come-again = the hub takes no more questions for { $seconds } s
says-hub-says = the hub says: { $message }
says-list-past-disks = the hub's list says that its files are larger than any disk
says-no-usable-sum = the hub's list has no usable SHA-256 of it
says-no-usable-etag = the hub sends no usable etag
says-no-length = the hub does not say how long it is
says-no-commit = the hub names no commit
says-not-listed = the hub does not list it
says-odd-file-name = its name has characters that no file's should
says-other-download = another download of it goes on
says-which-part = the hub sends a part and not which
says-other-part = the hub sends another part than was asked for
says-ended-early = the connection ended early
says-not-whole = it did not arrive whole
# $listed, $sent
says-listed-length = the hub lists { $listed } bytes and sends { $sent }
says-silent = nothing came for { $seconds } s

## says: What keeps another program's run from being taken in, and what is said of one that was

says-import-nothing-there = { $path }: nothing that can be taken in: there is no trainer_state.json, trainer_log.jsonl, TensorBoard event file, mlruns folder, or W&B history as CSV or JSON
says-import-no-values = { $path } holds no values of metrics
# $path, $why
says-import-unreadable = { $path } can't be read: { $why }
# $path, $limit
says-import-too-large = { $path } is larger than { $limit } MiB
# $path, $byte
says-import-damaged = { $path } is damaged at byte { $byte }: what stands before it was taken in
# $path, $line, $why
says-import-bad-line = { $path }, line { $line } left out: { $why }
# $path, $limit
says-import-many-runs = { $path } holds more than { $limit } runs: name a folder with fewer
says-import-many-values = { $path } holds more values than an import takes: export fewer metrics or steps
# $path, $why
says-import-not-written = the run can't be written to { $path }: { $why }
says-import-followed-already = another `corral import --follow` tells of the run, in { $directory }; end that one first
says-import-no-numbers =
    { $count ->
        [one] { $count } value
       *[other] { $count } values
    } left out: no finite number
says-import-end-untold = { $program }'s files don't say whether it ended, and how
# $step, $of
says-import-ends-at = its files end at step { $step } of { $of }, and don't say whether it went on
# $step, $of
says-import-ended-early = it ended early, at step { $step } of { $of }
# $program, $status
says-import-status = { $program } says of it: { $status }
# $count, $column
says-import-no-step =
    { $count ->
        [one] { $count } row
       *[other] { $count } rows
    } without { $column }: taken in at the step of the row before
says-import-own-run = { $path } is a run directory of Corral's: import it by this path, or put it below the board's runs
# $path, $limit
says-import-many-folders = { $path } holds more than { $limit } folders: what lies in the rest was not looked for
# $path, $line
says-import-not-a-point = { $path }, line { $line } is not a time, a value and a step
# $path, $line, $column
says-import-not-a-step = { $path }, line { $line }: { $column } is no number
says-import-no-history = { $path } has no log_history
says-imported-run = the run was taken in from another program's files: there is nothing here to stop, resume or train
says-import-going-on = another import is going on; try again when it is done

## says: Models, adapters and their files: what is not there, what does not fit

says-no-adapter-folder = adapter { $adapter }: there is no such folder
says-adapter-without-base = this adapter does not name the model it was trained on: name that as the model and this folder as the adapter on it
says-adapter-twice = the adapter { $path } is named twice, and counts once: name it once
says-disk-is-full = { $path }: the disk is full: make room, then try again
says-disk-is-full-resume = { $path }: the disk is full: make room, then resume from the last checkpoint
says-no-model-file = is no model: name the folder it lies in, or a GGUF file
says-loftq-stands-alone = a LoftQ adapter begins with the model's own weights; it can't stand on other adapters
says-no-model-folder = model { $path }: there is no such folder, and a hub name takes the form owner/name
# $path, $key
says-base-not-here = names { $path } as the model that this adapter was trained on, which is not on this machine: name the model as it is called here and the adapter's folder as the adapter on it (model_name_or_path and adapter_name_or_path, or --adapter), or correct `{ $key }` in that file
# $name, $program, $why
says-no-downloader = model { $name }: there is no such folder, and to download it { $program } could not be started ({ $why })
says-download-failed = model { $name }: the download failed; see above
says-adapter-is-pickle = this is a pickle, which can run code when opened, and is never loaded; save the adapter as safetensors
says-file-is-pickle = this is a pickle, which can run code when opened, and is never loaded; save it as safetensors
says-weights-are-pickle =
    weights in pickle files can run code when loaded and are never opened; take a revision that has safetensors, or convert the model by two lines of Python:
    { $lines }
says-no-weights-here = no weights here: expected model.safetensors, or model.safetensors.index.json and its shards
# $module, $config
says-dora-disagrees = { $module }: lora_magnitude_vector and use_dora in { $config } do not agree
# $module, $got, $config, $want
says-rank-disagrees = { $module } has rank { $got }, but { $config } says { $want }
says-stray-tensor = `{ $key }` is neither a matrix of an adapter on a linear layer nor of a module that modules_to_save names
says-no-adapter-matrix = there is no adapter's matrix in it
says-other-matrices = its matrices are not of the kind that peft_type in { $config } says
says-half-pair = one of the two matrices of { $module } is missing
says-adapter-is-empty = the adapter has no module
says-no-adapter-config = this is no adapter folder: there is no { $config }
says-too-short-safetensors = not a safetensors file: shorter than 8 bytes
# $header, $size
says-cut-safetensors = not a whole safetensors file: it announces a header of { $header } bytes and has { $size } in all; download it again
says-bad-safetensors-header = the safetensors header cannot be used: { $why }
# $size, $expected
says-other-length = the file has { $size } bytes where its header announces { $expected }; download it again
says-not-whole-safetensors = not a whole safetensors file ({ $why })
says-no-tensor = there is no tensor `{ $name }`
says-no-such-tensor = there is no such tensor
says-weights-lack-tensor = the weights have no tensor `{ $name }`
# $name, $kind
says-tensor-kind = `{ $name }` is stored as { $kind }; supported: F32, BF16, F16
says-shape-and-bytes = a tensor's shape and its bytes do not agree
# $name, $why
says-of-tensor = `{ $name }`: { $why }
# $name, $got, $want, $rows
says-shape-of-config =
    `{ $name }` has shape { $got } where config.json says { $want }{ $rows ->
        [empty] { "" }
       *[other] ; if tokens were added to the model, its vocab_size is { $rows }: write that into config.json
    }
says-not-an-index = not an index of shards: { $why }
says-stray-shard = `{ $name }` is not the name of a safetensors file beside it
says-not-finite = `{ $name }` holds values that are not finite numbers (NaN or infinity): the file is damaged, or the training that wrote it diverged; take another copy of it, or an earlier checkpoint
# $count, $n
says-uneven-expansion = use_llama_pro: the model has { $count } blocks, which { $n } added ones do not divide; expand a model with `corral expand` and name the same number as freeze_trainable_layers
# $name, $known
says-no-outside-module = additional_target: there is no module `{ $name }`; outside the blocks there are { $known }
says-adapted-already = additional_target: { $module } has an adapter already; a module trains whole or by an adapter, not both
# $name, $format
says-quantized-stays = `{ $name }` is quantized ({ $format }) and can't change: train LoRA or OFT on it, or start from the f32, bf16 or f16 model
says-nothing-trains = nothing trains
# $field, $name, $known
says-no-freeze-module = { $field }: there is no module `{ $name }`; there are { $known }
# $module, $name
says-whole-missing = the adapter's config says that it holds `{ $module }` whole (modules_to_save), but its weights have no `{ $name }`: the file is not whole, or not of this model; take the adapter's folder again
# $name, $shape
says-whole-shape = the adapter's `{ $name }` has shape { $shape }, which is not that of the model's: is it an adapter of another model?
says-whole-stranger = the adapter has the whole weight `{ $name }`, which this model has not
# $name, $shape, $width
says-whole-width = the adapter's `{ $name }` has shape { $shape }; the model's rows are { $width } wide: is it an adapter of another model?
# $embedding, $head
says-tables-part = with this adapter the embedding has { $embedding } rows and the head { $head }: tokens were added, and one of the two tables was not saved; save the adapter with `save_embedding_layers=True`
says-head-takes-plain-lora = `{ $name }` is the head, which takes plain LoRA alone: no DoRA, rotation, PiSSA or LoftQ
says-head-is-tied = `{ $name }` shares its table with the embedding, so an adapter on it would be on both: `additional_target: { $name }` trains a table of its own
says-head-is-normalized = the rows of `{ $name }` are divided by their lengths, which no adapter is made for: leave it out of lora_target
says-adapter-stranger = the adapter has weights for `{ $path }`, which this model has no linear layer for; supported are the linear layers of the decoder blocks
says-adapter-surplus = the adapter's weights have something for `{ $path }`, which target_modules, exclude_modules or layers_to_transform of its adapter_config.json leave out; name it there, or take the adapter's folder again
says-adapter-missing = the adapter's config says that it is on `{ $path }`, but its weights have nothing for that: the file is not whole, or not of this model; take the adapter's folder again
# $path, $a, $b, $output, $input
says-adapter-shapes = the adapter's matrices for `{ $path }` are { $a } and { $b }; the layer is { $output } x { $input }: is it an adapter of another model?
# $field, $pattern
says-bad-pattern = { $field }: `{ $pattern }` is no regular expression that can be used; list the modules instead
says-dropout-out-of-range = LoRA dropout is { $dropout }; it must be at least 0 and below 1
says-adapter-has-no-weights = the adapter has no weights
says-loftq-not-quantized = a LoftQ adapter belongs to quantized weights, and `{ $path }` is not quantized
says-rank-at-least-one = the LoRA rank must be at least 1
# $path, $inputs
says-nothing-to-turn = `{ $path }` has { $inputs } inputs, which leave blocks of one, and nothing to turn: take another oft_block_size, or name fewer layers in oft_target
# $path, $shape, $stored, $each, $inputs
says-rotation-shape = the adapter's rotation for `{ $path }` is { $shape }; by its config it is { $stored } x { $each } for { $inputs } inputs: is it an adapter of another model?
# $count, $gigabytes, $usable
says-no-room-for-blocks = oft_rank { $count }: the adapter and what trains it would take { $gigabytes } GB of memory, and there are { $usable } GB: raise oft_rank, or name fewer layers in oft_target
# $key, $value, $gigabytes, $usable, $target
says-no-room-for-adapter = { $key } { $value }: the adapter and what trains it would take { $gigabytes } GB of memory, and there are { $usable } GB: lower { $key }, or name fewer layers in { $target }
# $key, $name, $known
says-no-projected-layer = { $key }: `{ $name }` names no linear layer that trains; there are { $known }, or all
# $key, $name, $known
says-no-linear-layer = { $key }: `{ $name }` is not a linear layer of a decoder block; there are { $known }, or all (what lies outside the blocks trains whole, by additional_target)
# $rank, $path, $output, $input, $most
says-pissa-rank = PiSSA of rank { $rank }: `{ $path }` is { $output } x { $input } and has no more than { $most } directions; lower lora_rank or lora_target
says-loftq-of-quantized = LoftQ: `{ $path }` comes from a folder that is quantized already; name the one it was made from
# $rank, $path, $output, $input
says-loftq-rank = LoftQ of rank { $rank }: `{ $path }` is { $output } x { $input }; lower lora_rank or lora_target
says-dora-rows-of-zeros = DoRA needs a weight without rows of zeros
# $from, $to, $count
says-no-blocks-to-repeat = layer_replication: the blocks from { $from } to { $to } are not there; the model has { $count }: is it an adapter of another model?
says-no-deeper-experts = layer_replication: a model with dense blocks among those with experts can't be made deeper
says-no-silent-block = this model normalises the residual stream itself (post-norm): a block put between others changes what it computes
says-config-without-words = the family's config.json has no way to say which blocks the model has now; { $key } can't be changed in it
# $count, $before
says-uneven-spread = { $count } blocks can't be spread evenly over the model's { $before }; give a number that divides { $before }
says-weight-kind = weights of type { $kind }; supported: f32, bf16, f16
# $id, $vocab
says-outside-vocabulary = token id { $id } is outside the model's vocabulary of { $vocab }: the tokenizer is not the model's own
says-cannot-be-expanded = this model's blocks norm the sum of what they read and compute, so that no block put between them leaves it as it was: train it without expanding it
# $positions, $most
says-past-learned-positions = a text of { $positions } tokens: this model has learned { $most } positions and knows none past them; set cutoff_len or the length of replies so that texts stay below
says-must-not-be-quantized = `{ $name }` is quantized; it must not be
says-no-weight = the model has no weight `{ $name }`
says-not-readable = not readable: { $why }
says-not-readable-as-json = not readable as JSON: { $why }
says-no-model-here = this is no model folder: there is no config.json
says-fused-is-quantized = `{ $name }` holds several layers and is quantized in blocks that run from one into the next; load the plain model, and quantize it with quantization_bit
says-stacked-is-quantized = `{ $name }` holds the layers of all experts and is quantized in a form that is read of single layers alone; load the plain model, and quantize it with quantization_bit
says-fused-start = adapters that start as a part of the weights (PiSSA, LoftQ) are not supported on { $path }, which holds several layers in one
says-fused-beside = `{ $name }` lies with other layers in one tensor: it can get an adapter, but not train whole beside one
says-no-regular-file = is no regular file
says-too-large-for-config = has { $size } bytes: too many for a config
says-no-path-of-file = this is not a path of a file or folder
says-no-adapters-config = not an adapter's config: { $why }
says-old-rotations = the adapter's rotations are in the form of PEFT before 0.14 (there is no oft_block_size); train it again
says-no-blocks = r and oft_block_size are both 0
# $count, $size
says-blocks-twice = r ({ $count }) and oft_block_size ({ $size }) are both set; one follows from the other
says-bounded-rotations = adapters with bounded rotations (coft) are not supported
says-most-terms = num_cayley_neumann_terms is { $terms }; at most 64 are summed
says-no-fan-in = { $config }: fan_in_fan_out changes nothing: how the model's weights lie is read from its own files
# $key, $family
says-all-takes-none = { $key }: all takes no layer of { $family }, as in LLaMA-Factory; ask for all-linear, or name layers such as c_attn
# $config, $key, $value
says-unknown-adapter-key = { $config }: `{ $key }` ({ $value }) is no key known here: it changes nothing
says-other-adapter-kind = the adapter is of type { $kind }; LoRA and OFT adapters are supported
says-adapter-rank = r must be at least 1, in rank_pattern too
says-adapter-alpha = lora_alpha is { $alpha }; it must be a finite number
says-adapter-without-effect = lora_alpha of { $file } is 0: the adapter changes nothing
says-adapter-bias = adapters with trained biases (bias: { $bias }) are not supported
# $key, $what (may be left out)
says-adapter-refused = adapters with { $what } ({ $key }) are not supported
says-tied-tables = tables that train and stay tied (ensure_weight_tying) are not supported
says-loftq-bits = LoftQ with { $bits } bits is not supported; with 4 it is
says-changed-base = init_lora_weights is "{ $name }": the adapter belongs to weights that this start changed; convert it to a plain one (PEFT: save_pretrained with path_initial_model_for_weight_conversion)
# $field, $pattern
says-bad-regex = { $field }: `{ $pattern }` is no regular expression that can be used
says-bad-quant-state = its quant_state: { $why }
# $got, $want
says-other-shape = has shape { $got } where the config says { $want }
# $name, $got, $want
says-other-count = `{ $name }` has { $got } values, not { $want }
# $got, $want
says-other-kind = is stored as { $got }; wanted: { $want }

## says: What is noted of a run's settings, and how a worker ended

# $path, $why
says-pairs-not-kept = held-out pairs are kept no more one by one, since { $path } can't be written: { $why }
says-first-command = only the first command was read
says-model-without-folder = these settings name the model { $name } without its folder: choose it here
says-stage-is-dpo = stage: dpo, since pref_loss belongs to it
# $key, $value
says-given-twice = { $key } is given more than once on the command line: the last one, { $value }, is taken
# $ratio, $steps
says-warmup-steps-win = warmup_ratio { $ratio } is not used: warmup_steps { $steps } says how long the learning rate rises; leave one of the two out
says-no-effect-infer-dtype = infer_dtype has no effect here: weights stay in the type they are stored in
says-no-effect-accuracy = compute_accuracy has no effect: it is for stage sft; stages of pairs always tell theirs
says-no-effect-marks = pair_marks has no effect: it is for the stages that train on pairs, dpo, rm and kto
says-output-dir-unused = output_dir: { $folder } is not used: each run has a folder of its own in the data directory
# $key, $why
says-no-effect-here = { $key } has no effect here: { $why }
# $tracker, $why
says-tracker-given-up = { $tracker } is told no more of this run, which goes on: { $why }
# $tracker, $command
says-tracker-ready = { $tracker }: `{ $command }` shows or uploads this run
# $tracker, $variable
says-tracker-off = { $tracker } is not told of this run: { $variable } says so
# $variable, $why
says-variable-no-effect = { $variable } has no effect here: { $why }
says-tracker-by-corral = report_to: { $tracker } is told by `corral train` and by the board, not by the trainer itself: `corral report` tells it of a run afterwards
# $path, $why
says-trackio-away = trackio's { $path } can't be written: { $why }
# $path, $seconds
says-trackio-held = another program has held { $path } for { $seconds } s
says-mlflow-no-uri = report_to: mlflow: MLFLOW_TRACKING_URI does not say where the server is
says-mlflow-no-server = MLFLOW_TRACKING_URI { $uri } is no http or https address; a server (`mlflow server`) is told, files and databases are not written
# $uri, $why
says-mlflow-away = MLflow at { $uri } does not answer: { $why }; `corral report` tells it of the run later
# $uri, $what, $why
says-mlflow-refused = MLflow at { $uri } refuses { $what }: { $why }
says-no-events = { $path } is no run directory: there is no events.jsonl
# $path, $why
says-report-not-kept = how far the run was told can't be kept in { $path }: { $why }
says-secrets-open = { $path } can be read by others: `chmod 600` it, and it is used
# $path, $why
says-secrets-unreadable = { $path } can't be read: { $why }
says-report-goes-on = { $path }: another `corral report` tells of this run already
says-report-behind = MLflow was not told all of this run, and nobody tells it more: `corral report { $path }` tells the rest
# $uri, $what
says-mlflow-no-id = MLflow at { $uri } answers { $what } without an id
says-tracker-too-slow = what was left was not written in { $seconds } s
says-lora-dropout-off = lora_dropout is off in preference training, as in LLaMA-Factory and TRL
says-never-paged = optim: states are never paged out; the optimizer is the one without `paged_`
says-pissa-other-programs = other programs find the principal part anew when they load a PiSSA adapter, and with pissa_iter 0 or more from another random start: pissa_convert: true writes an adapter they load as it is
says-no-effect-ppo = { $key } has no effect: PPO writes its replies as it goes, and measures how far it is from where it started
says-aot-batch-of-one = AOT compares sorted micro-batches: with per_device_train_batch_size 1 there is nothing to sort, and it is DPO; take 2 or more
says-no-effect-alpha = f_alpha_divergence_coef has no effect: it belongs to f_divergence_type: alpha_divergence
says-no-effect-reference-free = { $key } has no effect: reference_free leaves it out
# $key, $names
says-no-effect-no-reference = { $key } has no effect: { $names } needs no reference
says-no-effect-without-sync = { $key } has no effect without sync_ref_model: true
says-no-effect-shared-reference = ref_model_quantization_bit has no effect: without ref_model the reference is what the run starts from, and shares its weights
says-reference-read = reference log-probs of { $rows } rows read from the store: no reference forward
# $rows, $forwards
says-reference-computed = reference log-probs of { $rows } rows computed and stored: { $forwards } reference forwards
# $kind, $factor, $original, $reach
says-rope-scaled = RoPE scaling `{ $kind }`, factor { $factor }: positions reach over { $reach } tokens instead of { $original }
says-fast-tokenizer-alone = use_fast_tokenizer is false, but { $folder } has no files of a slow tokenizer; ids are the fast one's, as tokenizer.json says
# $kind, $factor, $original, $reach
says-rope-as-trained = positions are scaled as in training: `{ $kind }`, factor { $factor }, { $reach } tokens instead of { $original }
says-rope-adapters-differ = was trained with other rope_scaling than { $below }, and not on top of it: no scaling is right for both. Merge them apart, train the one on the other, or say rope_scaling
# $adapter, $theirs, $ours
says-adapter-of-other-base = the adapter { $adapter } was trained on { $theirs }, not on { $ours }: on these weights it is another model
# $kind, $factor, $original, $reach
says-rope-trained-otherwise = rope_scaling: the adapter was trained with other scaling (`{ $kind }`, factor { $factor }, { $reach } tokens instead of { $original })
# $cutoff, $original
says-rope-reaches = rope_scaling: nothing is scaled, since texts of cutoff_len { $cutoff } have a place within the model's { $original } tokens
says-rope-dynamic-trained = rope_scaling: dynamic changes rotations past the new length alone; it may not work well with fine-tuning
# $reach, $entry
says-rope-beside-adapter = PEFT's files of the adapter do not hold the scaling: with it, set max_position_embeddings to { $reach } and rope_scaling to { $entry } in the base's config.json elsewhere; corral.json beside it has it, and what is merged or exported says it
says-experts-in-peft = an adapter on experts is one of PEFT over transformers 4; over transformers 5, which keeps experts in one tensor, PEFT may leave parts of it out: merge it for use there
says-head-takes-no-adapter = lora_target: all takes { $head } too in LLaMA-Factory; here the head takes plain LoRA alone, no DoRA, PiSSA or LoftQ, and additional_target: { $head } trains it whole
# $cutoff, $context
says-long-cutoff = cutoff_len { $cutoff } is more than the { $context } tokens the model was made for
# $models, $length
says-otherwise-past = past { $length } tokens { $models } computes otherwise in evaluation and chat (dynamic NTK, log-n attention) than in training, as its published code does: figures of longer rows are not those of training
says-turned-apart = texts of more than { $length } tokens are turned by their length in evaluation (dynamic NTK), which model and reference do not do alike; set cutoff_len to { $length } or less
says-head-unasked = stage rm scores what goes into { $head } and asks it for no token: what is trained of { $head } stays as it begins
says-only-head-unasked = stage rm scores what goes into { $head } and asks it for no token: with { $head } alone nothing of the model trains, only the value head on top; name its other layers
says-high-rate = learning_rate { $rate } is far above what trains a language model: 1e-7 to 1e-2 is usual
# $formats, $mib
says-stays-quantized = the linear layers stay quantized ({ $formats }, { $mib } MiB) and are dequantized as they are used
says-quantized-activations = `{ $key }` of quantization_config has no effect: what is computed is not quantized, the weights alone are
# $formats, $mib
says-stays-quantized-as-it-is = the linear layers stay quantized ({ $formats }, { $mib } MiB) and are dequantized as they are used; quantization_bit changes nothing about it
says-no-experts = moe_aux_loss_coef changes nothing: the model has no experts to route to
says-no-router-loss = moe_aux_loss_coef changes nothing: routers of { $architecture } have no auxiliary loss
says-mixes-as-in-evaluation = experts are chosen as the model does it in evaluation: the noise that { $router } draws in training is not drawn
says-computes-in-f32 = { $asked }: computing in f32 on this device; weights stay in the type they are stored in
# $step, $scale
says-overflowed = step { $step }: gradients were too large for float16, so nothing was updated; the loss scale is { $scale } now (a few of these are usual as fp16 begins)
says-diverged = diverged at step { $step }: the loss or its gradient is no longer a finite number; lower learning_rate, or raise warmup_ratio
# $signal, $last, $checkpoint
says-killed =
    the worker was killed (signal { $signal }): most likely the machine ran out of memory; a smaller batch or cutoff_len needs less{ $last ->
        [empty] { "" }
       *[other] ; it said last: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] { " " }(it can be resumed from { $checkpoint })
    }
# $signal, $last, $checkpoint
says-out-of-memory =
    the worker got no more memory (signal { $signal }); a smaller batch or cutoff_len needs less{ $last ->
        [empty] { "" }
       *[other] ; it said last: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] { " " }(it can be resumed from { $checkpoint })
    }
# $signal, $last, $checkpoint
says-told-to-end =
    the worker was told to end from outside (signal { $signal }){ $last ->
        [empty] { "" }
       *[other] ; it said last: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] { " " }(it can be resumed from { $checkpoint })
    }
# $signal, $last, $checkpoint
says-crashed =
    the worker crashed (signal { $signal }){ $last ->
        [empty] { "" }
       *[other] ; it said last: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] { " " }(it can be resumed from { $checkpoint })
    }
# $exit, $last, $checkpoint
says-exited =
    the worker ended with exit code { $exit }{ $last ->
        [empty] { "" }
       *[other] ; it said last: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] { " " }(it can be resumed from { $checkpoint })
    }
# $signal (may be left out), $last, $checkpoint
says-gone =
    the worker is gone without a word: killed, out of memory, or the machine was restarted{ $last ->
        [empty] { "" }
       *[other] ; it said last: { $last }
    }{ $checkpoint ->
        [empty] { "" }
       *[other] { " " }(it can be resumed from { $checkpoint })
    }
# $program, $why
says-not-started = the worker { $program } could not be started: { $why }
# $path, $why
says-events-unreadable = { $path } can't be read: { $why }
says-directory-gone = { $directory } was removed while the run went; its worker was ended
says-never-began = it was taken out of the queue before it began
says-left-the-queue = it was taken out of the queue before it went on
says-elsewhere-going = its worker runs on another machine: it can be followed here, and stopped there
says-elsewhere-silent = its worker was started on another machine and nothing is heard of it: whether it still runs is for that machine to say; once you know that it does not, remove { $file }, and the run can be resumed here
# $theirs, $ours
says-newer-protocol = its worker is of a newer Corral (version { $theirs } of the run directory; this one reads { $ours }): what is shown may lack what is new
# $step, $total, $stale, $metric
says-ends-early = training ends at step { $step } of { $total }: { $stale } evaluations in a row without a better { $metric } (early_stopping_steps)
says-idle-key = what is trained, and how, has no use for it

## says: Why a row of a data set can't be used, and why a file's rows can't

says-null = null
says-a-truth = true or false
says-a-list = a list
says-an-object = an object

# $why, $hint
says-row-not-json =
    not valid JSON: { $why }{ $hint ->
        [empty] { "" }
       *[other] ; { $hint }
    }
# $what, $column
says-at-column = { $what } at column { $column }
# $why, $hint
says-file-not-json =
    is not valid JSON: { $why }{ $hint ->
        [empty] { "" }
       *[other] ; { $hint }
    }
says-ends-in-a-row = ends in the middle of a row: { $why }
says-looks-like = not UTF-8; it looks like { $encoding }: save it as UTF-8 (`iconv -f { $encoding } -t UTF-8 in > out`)
says-other-encoding = not UTF-8; its encoding is another one: save it as UTF-8 (`iconv -f ENCODING -t UTF-8 in > out`)
says-nan-is-no-json = `NaN` and `Infinity` are no JSON: write null (`json.dumps(…, allow_nan=False)` tells where they come from)
says-pythons-writing = that is Python's way of writing: write JSON with `json.dumps`

says-not-a-row = { $what }; a row is an object
says-column-missing = `{ $column }` is missing
says-column-empty = `{ $column }` is empty
says-no-column-named = the entry in dataset_info.json names no `{ $key }` column
# $column, $what
says-not-text = `{ $column }` is { $what }; it must be text
# $column, $value
says-not-a-number = `{ $column }` is { $value }; it must be a number
# $column, $what
says-not-a-list = `{ $column }` is { $what }; it must be a list
says-python-list = `{ $column }` is a Python list written as text; write it as JSON (`json.dumps`)
says-history-pairs = `{ $column }` must be a list of question and answer pairs
says-tools-no-list = the tools are { $what }; they must be a JSON list
says-holds-media = `{ $column }` holds media; Corral trains on text
# $column, $value
says-row-weight = `{ $column }` is { $value }: every row counts alike here; leave the column out or set it to 1, and repeat or remove rows
says-text-empty = the text is empty

says-no-reply = it has no reply (text in the column `{ $column }`)
says-no-reply-there = there is no reply
says-no-label = it has no label (true or false in the column `{ $column }`)
# $column, $value
says-label-unread = `{ $column }` is { $value }; a label is true or false (or 1 and 0, good and bad)
# $column, $n
says-several-answers = `{ $column }` holds { $n } answers; a row has one reply
says-two-texts = `{ $column }` must hold two texts, the chosen reply and the rejected one
says-reply-not-learned = its reply is marked as not to be learned
says-no-reply-learned = every reply of it is marked as not to be learned

says-no-transcript = `{ $column }` holds no prompt: it is no conversation of `Human:` and `Assistant:` turns, and the entry names no `prompt` column
# $column, $what
says-not-messages = `{ $column }` is { $what }; it must be a list of messages
# $column, $what
says-not-a-message = `{ $column }` holds { $what } where a message should be
# $column, $key
says-message-without = `{ $column }`: a message without `{ $key }`
# $column, $key, $what
says-key-not-text = `{ $column }`: `{ $key }` is { $what }; it must be text
# $column, $role
says-role-unknown = `{ $column }`: role `{ $role }` is unknown; name the roles under `tags` in dataset_info.json
says-late-system = `{ $column }`: a system message after the first turn
says-begins-with-reply = `{ $column }` begins with the assistant's turn
# $column, $turn
says-same-side = `{ $column }`: turn { $turn } has the same side as the one before
says-ends-without-reply = `{ $column }` doesn't end with the assistant's turn
says-ends-with-user = `{ $column }` ends with the user's turn; there is no reply to learn
# $column, $one, $other
says-marks-contradict = `{ $column }`: `{ $one }` and `{ $other }` contradict each other about whether a turn is learned
# $column, $key, $value
says-mark-unread = `{ $column }`: `{ $key }` is { $value }; a turn is learned (1, true) or not (0, false)
# $column, $key
says-part-of-a-turn = `{ $column }`: `{ $key }` learns parts of a turn; here a turn is learned whole or not at all: split it, or mark it with `train`
# $column, $why
says-call-not-json = `{ $column }`: a tool call that is not JSON: { $why }
says-part-without-text = `{ $column }`: a part of a message without `text`
# $column, $kind
says-media-part = `{ $column }` holds `{ $kind }`; Corral trains on text

says-no-prompt = there is no prompt
# $one, $other
says-no-prompt-in = `{ $one }` and `{ $other }` hold no prompt
says-prompt-ends-with-reply = the prompt doesn't end with the user's turn
says-not-the-reply = `{ $column }` is not the assistant's turn
# $column, $what
says-not-a-reply = `{ $column }` is { $what }; it must be a message
# $reply, $flag, $mark
says-choice-contradicted = `{ $reply }` is marked `{ $flag }`, and by `{ $mark }` it is the worst; take one of the two out
# $one, $other
says-systems-differ = `{ $one }` and `{ $other }` have different system messages
says-not-from-prompt = `{ $column }` doesn't begin with the row's prompt
# $one, $n, $other, $m
says-turns-before = `{ $one }` has { $n } turns before its reply, `{ $other }` has { $m }
# $one, $other, $turn
says-differ-at = `{ $one }` and `{ $other }` differ at turn { $turn } already; only their last turns may differ
says-sides-differ-early = its chosen and rejected conversation differ before their last turns already

says-tie = a tie: neither reply is the better one
says-unjudged = nothing says which reply is the better one
# $column, $value, $one, $other
says-verdict-unread = `{ $column }` is { $value }, which means neither `{ $one }` nor `{ $other }` for certain
says-several-turns = it lists { $n } turns in one cell; a pair is one prompt with two replies to it
says-no-text-in = `{ $column }` holds no reply
# $column, $n
says-too-few-replies = `{ $column }` holds { $n } replies; a pair needs two

# $column, $n, $list, $m
says-beside-other-length = `{ $column }` has { $n } numbers for the { $m } replies of `{ $list }`
# $size, $most
says-text-too-long = a text of it is { $size } MiB long, and tokens are made of { $most } MiB at most at a time: part it into several rows

# $n, $most
says-row-not-shown = not shown, though it can be used: with its { $n } tokens the rows asked for have more than { $most }; ask for fewer rows, or set a smaller cutoff_len

says-name-like = there is a data set { $other } already, whose name differs in capitals alone: some file systems take the two for one
# $key, $why
says-under-key = `{ $key }`: { $why }
says-no-variable = { $name } is not put in here ($HOME and ~ are): write the path out
# $columns, $empty
says-unknown-layout =
    its rows have { $columns }{ $empty ->
        [empty] { "" }
       *[other] , and nothing in { $empty }
    }, which is no layout Corral knows; describe it in dataset_info.json with `columns`
# $side, $other
says-side-alone = its rows have `{ $side }` and no `{ $other }`: a preference needs both; add the column, or rename `{ $side }` to `output` to train on it as the reply
says-parquet-packed-so = is compressed by { $packing }, which is not read: save it with zstd, snappy, gzip, lz4 or none
says-is-lfs-pointer = is no data but Git LFS's note of where the file is; fetch it (`git lfs pull`)
says-is-web-page = is a web page, no data; download the file that the page is about
says-ends-before-message = it ends before its first message
says-ends-within-message = it ends in the middle of a message
says-message-of = it has a message of { $bytes } bytes
says-part-outside = a part lies outside of its message
says-parts-misfit = its parts do not fit together
# $size, $most
says-batch-too-large = it has a batch of { $size } MiB; at most { $most } are read at once
# $rows, $bytes
says-rows-in-bytes = it says { $rows } rows in { $bytes } bytes
says-footer-misplaced = its footer is not where its end says
says-footer-broken = its footer is broken
says-table-cut-off = it is cut off: it does not end as it began; take the file again
# $depth, $most
says-columns-nested = its columns are nested { $depth } deep; { $most } are read
says-by-columns = it is one object that holds a table, not a list of rows: write one object a row (pandas: `to_json(path, orient="records", force_ascii=False)`)
# $one, $other
says-no-verdict = its rows have two replies, `{ $one }` and `{ $other }`, and no column Corral knows says which is the better; name it in dataset_info.json with `comparison`
# $column, $list
says-places-unsure = `{ $column }` numbers the replies of `{ $list }`, and the rows don't show for certain whether it counts from 0 or from 1: say in dataset_info.json with `comparison` which it is, as `better_from_0` or `better_from_1` in place of `better`
# $column, $list
says-place-zero = `comparison` says `better_from_1`, and `{ $column }` is 0 in some row, which is no place in `{ $list }` counted from 1: mend those rows (-1 is no reply), or, if 0 is the first reply in all rows, write `better_from_0`
# $column, $list
says-place-past-end = `comparison` says `better_from_0`, and `{ $column }` is as large in some row as `{ $list }` is long, which is past its end counted from 0: mend those rows (-1 is no reply), or, if 1 is the first reply in all rows, write `better_from_1`
# $column, $values, $one, $other
says-sides-unsure = `{ $column }` is { $values }, which doesn't say for certain which of `{ $one }` and `{ $other }` is the better: write the name of the better column there, or say in dataset_info.json with `comparison` how it is meant, as `better_from_0`, `better_from_1` or `first_is_better`
# $column, $values, $one, $other
says-scale-unsure = `{ $column }` is a scale ({ $values }), and nothing says which of its ends is for `{ $one }` and where its middle is: write a number below zero where `{ $one }` is the better, above zero where `{ $other }` is and 0 for a tie, and name it in dataset_info.json with `comparison` as `leaning`
# $column, $value, $one, $other
says-place-beyond = `{ $column }` is { $value } in some row, and two replies have no such place: name in dataset_info.json with `comparison` how it counts, `better_from_0` (0 is `{ $one }`, 1 is `{ $other }`) or `better_from_1`, and mend or remove other numbers; -1 is neither
# $n, $columns
says-several-sides = its rows have { $n } replies side by side ({ $columns }), and a pair has two: put them into one list, `responses`, with a list of numbers beside it, `scores` (the higher the better) or `ranks` (1 the best), or write the two that are meant as `chosen` and `rejected`
# $chosen, $rejected, $replies
says-names-of-replies = `{ $chosen }` and `{ $rejected }` hold names of replies that stand in `{ $replies }`, in some rows at least: write the replies themselves there
# $column, $others
says-answers-name-others = `{ $column }` holds nothing but names of what stands in `{ $others }`, and a model would learn the name alone: write the choices into the prompt and the answer in words into `{ $column }`, or describe the file in dataset_info.json with `columns`
says-three-labels = `{ $column }` holds -1, 0 and 1, three things where a label has two: write true for good replies and false for bad ones, and leave the others out
# $column, $list
says-order-or-places = `{ $column }` may hold the place of each reply of `{ $list }`, or name the replies from the best to the worst, and the two say different things: write a number for each reply, as `ranks` (1 the best) or `scores` (the higher the better)
says-stepwise-rows = its rows judge the steps of one reply (`completions` with `labels`, TRL's stepwise supervision), which is for process reward models; no stage here trains on steps
says-message-tree = its rows are the messages of a tree (`message_id`, `parent_id`), not conversations; walk each path from a first message to a reply and write it as `messages`, or its ranked replies as `chosen` and `rejected`
says-no-marks = holds no marks on pairs; they are made on the board's page of a run, under Pairs
# $swapped, $excluded
says-marks-taken = by the marks on pairs, the replies of { $swapped } are swapped and { $excluded } are left out
# $lost, $all
says-marks-without-pair = { $lost } of the { $all } marks on pairs are of none of these rows: marks hold for the same data under the same template, tokenizer and cutoff_len
says-marks-leave-nothing = the marks on pairs leave out every row; take some back

## says: What does not go together in a run config: methods, adapters, optimizers, losses, references

says-llama-pro-alone = trains the expanded blocks alone: finetuning_type freeze or lora
says-expanded-blocks = with use_llama_pro it is how many blocks were added: 1 or more
says-stream-needs-steps = streaming: true needs max_steps: how many rows there are is not known before they are read
says-stream-holds-out-rows = with streaming: true must be a whole number of rows: how many a share comes to is not known before all are read
says-stream-excludes = { $key } has to know the rows before the first step, which streaming: true does not: leave one of them out
says-stream-of-prompts = stage ppo takes its prompts from data that are read before; streaming is for the stages pt, sft, rm, dpo and kto
says-stream-has-no-epoch = with streaming: true the end of an epoch is not known before it is there; set { $key }: steps
says-shares-of-concat = has an effect only where data sets are interleaved: mix_strategy interleave_under or interleave_over
says-shares-sum-to-one = must be numbers above 0 that sum to 1, one for each data set
# $found, $key, $wanted
says-shares-per-set =
    has { $found ->
        [one] { $found } number
       *[other] { $found } numbers
    }, and { $key } names { $wanted ->
        [one] { $wanted } data set
       *[other] { $wanted } data sets
    }: one is needed for each
says-freezes-all = 0 trains nothing unless freeze_extra_modules names something
says-table-trains-whole = { $table } gets no adapter; it trains whole: additional_target: { $table }
says-oft-target-chooses = lora_target has no effect under finetuning_type: oft; oft_target names the layers
says-rank-or-block-size = oft_rank and oft_block_size exclude each other: one follows from the other
says-nothing-to-convert = there is nothing to convert without pissa_init
says-dora-not-plain = a DoRA adapter can't be written as a plain one: leave out use_dora or pissa_convert
says-pissa-iterations = takes -1 (exact) or a whole number from 0 to 1000
says-loftq-needs-four-bits = LoftQ makes up for what bitsandbytes' 4 bits take off: it needs quantization_bit: 4 and quantization_method: bnb
says-not-with-loftq = not with { $key }: LoftQ starts from the model's own weights, and goes through all of it
says-lora-only = only for finetuning_type: lora
says-quantized-needs-lora = quantized weights stay as they are: train LoRA or OFT on them (finetuning_type: lora or oft), or take this line out
says-no-reward-api = the trainer has no network; score with a model here: lora or full
says-reward-adapter-named = reward_model names the adapter itself under reward_model_type: lora
says-bco-weighs-alike = BCO weighs good and bad replies alike; take the line out
says-neftune-stages = NEFTune is for stages sft and pt; take the line out
says-for-stage-sft = { $name } is for stage sft; take the line out
says-one-token-weight = use_eaft_loss and use_dft_loss exclude each other: a token has one weight
says-neat-packing-stage = neat_packing is for stage sft; take the line out
says-not-with-lora = not with LoRA or OFT: it saves memory where whole weights are trained: set finetuning_type to full, or leave it out
says-built-on-adamw = { $key } is built on AdamW: leave optim out, or set adamw_torch
says-switch-interval = takes a whole number from 1, or -1 for never
says-ld-needs-reference = LD-DPO belongs to losses with a reference
says-ld-splits-sums = LD-DPO splits summed log-probs; { $name } averages them per token
says-wpo-weighs-pairs = WPO weighs one pair at a time; { $name } sets the pairs of a micro-batch against each other
says-loss-twice = { $name } stands there twice
says-sft-no-preference = sft is no preference loss: use stage: sft, or name a loss beside it
# $a, $s
says-two-scales = { $a } averages log-probs per token and { $s } sums them: one beta does not fit both
says-weights-are-numbers = takes numbers, 0 or more, comma-separated
# $given, $count
says-weights-of-losses = { $given } weights for { $count } losses of pref_loss: each takes one
says-a-weight-above-zero = a weight must be above 0
# $names, $choices
says-smoothing-of = label smoothing has no meaning for { $names }; it belongs to { $choices }
says-smoothing-below-half = must be below 0.5: at 0.5 both replies count alike
says-cpo-alpha-of = cpo_alpha belongs to cpo and simpo (CPO-SimPO); the same term under other losses is rpo_alpha
says-bco-not-with = the BCO term compares summed log-probs with a reference's: not with { $name }
# $choices, $name
says-divergences-of = other divergences belong to { $choices }; { $name } has its own
# $name, $choices
says-reference-free-of = { $name } means nothing without a reference; reference_free belongs to { $choices }
says-following-starts-here = a reference that follows the policy starts where the run starts: not with ref_model or ref_model_adapters
says-following-not-dora = a reference that follows is not there for DoRA: leave out use_dora or sync_ref_model
says-following-not-oft = a reference that follows is not there for OFT: leave out sync_ref_model, or set finetuning_type to lora
says-following-not-precomputed = a reference that follows the policy (sync_ref_model) cannot be computed before training

## says: What is said of the prompts that a run answers on its way

# $found, $most
says-own-prompts-too-many = { $found } prompts; at most { $most } are answered: leave some out
says-own-prompts-too-long = the prompts are longer than { $most } KiB together: shorten them
# $line, $why, $example
says-own-prompt-unreadable = line { $line } begins as a conversation and is none ({ $why }): write plain text, or { $example } in one line
says-own-prompt-ends = line { $line } is a conversation that nobody has to answer: let it end with a turn of the user or of a tool
# $line, $role
says-own-prompt-role = line { $line } has the role { $role }: there are system, user, assistant and tool
# $line, $tokens, $most
says-own-prompt-no-room = sample_own_prompts: line { $line } has { $tokens } tokens, and the model takes at most { $most }: shorten it
says-samples-of-scores = { $key } has no effect in stage rm: a reward model gives scores and writes nothing
says-samples-without-rows = { $key } has no effect: no rows are held out to take prompts from; set val_size or eval_dataset, or write prompts in sample_own_prompts
# $found, $asked
says-samples-fewer = sample_prompts: { $found } of { $asked } prompts are answered: the held-out rows have no more that differ, are whole, and show where a reply begins
# $path, $why
says-samples-not-kept = prompts are answered no more, since { $path } can't be written: { $why }
says-run-without-samples = the run answered no prompts (yet): sample_prompts and sample_own_prompts ask for it
says-no-such-sample = the run has no prompt { $prompt }

## says: What the board's server does not find, and what names of runs, models and data sets lead to

says-no-webhook = there is no webhook to try; set its address first
says-probe-going = a run's speed is being measured already; wait for it or stop it
says-probe-beside-run = a run is going, and the two would slow each other down; measure when it is over
says-probe-of-ppo = steps of stage ppo tell no time: it goes into replies, whose length changes
says-probe-stopped = measuring was stopped
says-no-such-run = there is no run { $id }
says-run-lacks = the run has no { $name }
says-run-lacks-checkpoint = the run has no checkpoint `{ $name }`
says-run-without-pairs = the run has no held-out pairs that were kept one by one: it is scored on none, or was not evaluated yet
says-reward-without-tokens = a reward model scores whole replies: their tokens have no log-probs
says-pair-while-training = the run is not over: single tokens of this pair can be scored once it has ended
says-pair-start-not-kept = `{ $key }`: the model as it was before training is kept nowhere, so that single tokens can't be scored under it
says-pair-of-random-weights = the run began with random weights, which are kept nowhere: single tokens can't be scored under them
# $step, $found, $kept
says-pair-scored-otherwise = at step { $step } the loaded model gives the reply a log-prob of { $found }, but the evaluation gave it { $kept }: the model was not loaded as it was in training, or its files have changed; nothing is shown rather than wrong numbers
# $step, $found, $kept
says-pair-reference-otherwise = at step { $step } the evaluation gave the reply a log-prob of { $kept } under the reference, but the model that is now loaded as the reference gives it { $found }: it was not loaded as it was in training, or its files have changed; nothing is shown rather than wrong numbers
says-no-such-pair = the run has no held-out pair { $pair }
says-no-such-evaluation = the run has no such evaluation of its pairs
says-no-evaluation = there is no evaluation { $id }
says-run-without-checkpoint = the run has no checkpoint
says-run-name-taken = there is a run named { $name } already
says-run-name-bad = a run's name has 1 to 120 characters, no slashes or control characters, and no dot in front
says-key-is-the-boards = the board sets { $key } itself: take the line out
# $host, $why
says-webhook-failed = the webhook at { $host } was not told: { $why }
says-no-such-download = there is no such download
says-no-such-dataset = there is no data set { $name }
says-no-register-entry = the register has no entry { $name }
says-no-such-file = there is no file { $path }
says-name-file-in-folder = that is a folder: name a file in it, or take the archive
says-no-such-address = there is no such address
says-no-board-file = there is no such file
says-bad-address = { $path }: the bytes of this address are no UTF-8 text
says-no-api-address = the API has no such address; /api/openapi.json lists them
says-no-openai-address = there is no such address here: /v1/models, /v1/models/ID and /v1/chat/completions are served
says-gone-meanwhile = it is not there (any more): { $why }

says-no-model-at = there is no model at { $path }: a folder, a GGUF file or a folder of the hub's cache is needed
says-hub-model-not-here = { $name } of the hub is not here yet: download it first (Models, Download)
# $name, $folder
says-no-model-named = there is no model { $name }: neither a run, a folder below { $folder }, an absolute path, nor a hub model that was downloaded (Models, Download)
says-run-not-begun = { $name } has not run yet
says-named-run-without-checkpoint = { $name } has no checkpoint
# $name, $part
says-named-run-lacks = { $name } has no { $part }
says-run-without-base = the config of { $name } does not say which model its adapter belongs to
says-reference-not-whole = a reference of its own must be a whole model; merge this checkpoint first
says-reward-is-adapter = { $name } is an adapter: reward_model_type must be lora
says-holds-no-adapter = { $name } holds no adapter (no adapter_config.json)
says-add-dataset = there is no data set { $name }; add it under Data
says-bad-search = a search has no field `{ $field }`: it is neither a key of a config nor a metric that was logged
says-bad-sort = runs have no column `{ $column }`
says-bad-limit = `limit` is from 1 to { $most }

## says: Several runs of one config with other values

says-sweep-in-a-config = sweep: makes many runs of this file: start it with `corral sweep FILE`, or take the block out to train once
says-sweep-missing = sweep: is missing: add a block `sweep:` with `parameters:`, such as `pref_beta: [1, 2, 3]`
says-sweep-not-a-map = { $key }: takes keys and values, each on a line of its own
says-sweep-no-such =
    a sweep has no such key{ $near ->
        [empty] { "" }
       *[other] ; did you mean { $near }?
    }
# $other, $names
says-sweep-takes-keys = there is no `{ $other }` here: it takes { $names }
says-sweep-no-program = { $key } is what W&B starts: here the file itself is what runs; take the line out
says-sweep-null = null is no value to sweep over: write the default out
says-sweep-no-values = takes two values or more, such as `1, 2, 3`, `0.1..0.5 step 0.1` or `log 1e-6..1e-4 in 5`
# $value, $takes
says-sweep-value = { $value }: { $takes }
# $other, $taken
says-sweep-idle-beside = `{ $other }` changes nothing beside `{ $taken }`: take one of them out
says-sweep-twice = { $value } stands twice among the values
says-sweep-no-range = { $key } takes no range: list its values
# $low, $high
says-sweep-range-empty = the range { $low }..{ $high } is empty: the first number has to be the smaller one
says-sweep-log-from = a log range starts above 0, not at { $low }
says-sweep-step = { $step } is no step: it has to be a number above 0, no longer than the range
says-sweep-step-too-small = the step makes more than { $most } points of the range: take a larger one, write `in 5` behind it, or take `method: random`
says-sweep-needs-points = a grid needs to know how many points of the range: write `in 5` or `step 0.1` behind it, or take `method: random`
says-sweep-points = { $points } is no number of points: take 2 to 1000
says-sweep-distribution = { $name } is not drawn here: take `uniform`, `log_uniform_values`, `q_uniform` or `int_uniform`
says-sweep-key-is-the-runs = { $key } is each run's own and can't be swept
says-sweep-key-idle = { $key } changes nothing under this config: take it out, or change what it belongs to
says-sweep-method = { $name } is no method: take `grid`, `random` or `tpe`
says-sweep-bayes-is-tpe = method: bayes is done by tpe here (W&B models values with a Gaussian process)
says-sweep-needs-cap = is missing: say how many runs to make
# $count, $most
says-sweep-too-many = makes { $count } runs; a sweep has at most { $most }: take fewer values, or `method: random` with `run_cap`
says-sweep-one-run = makes one run: a sweep takes two or more
says-sweep-metric = { $name } is not measured on held-out rows: take one that is, such as `eval_loss` or `preference/accuracies`
says-sweep-goal = { $name }: say whether `goal: maximize` or `goal: minimize` is better
says-sweep-no-held-out = runs are compared by held-out rows, and there are none: set val_size, or an eval_dataset
says-sweep-no-evaluations = bad runs are stopped after an evaluation, and there is none before the end: set eval_strategy: epoch or steps
says-sweep-eta = { $eta } is no share to stop by: 2 keeps one half at each rung, 3 one third
# $metric, $keys
says-sweep-one-scale = { $metric } depends on { $keys }: its values are not on one scale between these runs; preference/accuracies is
# $point, $said
says-sweep-at = with { $point }: { $said }
says-sweep-reference-once = the reference's log-probs are computed once, by the first run, and read by the others (precompute_ref_log_probs)
# $evaluation, $place, $count, $metric
says-sweep-stopped-early = stopped early: at evaluation { $evaluation } it was { $place } of { $count } by { $metric }
says-no-such-sweep = there is no sweep { $id }
says-sweep-nothing-left = there is nothing to go on with in the sweep { $name }: it goes, or all of its runs are over
# $name, $why
says-sweep-run-stays = { $name } can't go on: { $why }
says-sweep-goes = runs of the sweep { $name } go on: stop it first
says-sweep-over = the sweep { $name } is over already

## says: Tokens that are kept: in the cache, in `tokenized_path`, and those that LLaMA-Factory kept there

# $path, $why, $key
says-not-kept = can't write tokens into { $path }: { $why }; `{ $key }` names another folder
says-tokens-found = the data's tokens were kept before and are read from { $folder }
says-tokens-kept = the data's tokens are kept in { $folder }
# $path, $why
says-tokens-not-kept = the data's tokens are not kept for the next run, since { $path } can't be written: { $why }
says-tokens-of-other = the tokens there were made with another `{ $key }`; name another `tokenized_path`, or remove the folder
# $folder, $rows
says-tokens-of-llamafactory = the tokens that LLaMA-Factory kept in { $folder } are used as they are ({ $rows } rows); as there, `dataset`, `template`, `cutoff_len`, `max_samples`, `packing` and what else makes rows change nothing of them
# $folder, $split
says-tokens-not-scored = { $folder } has held-out rows (`{ $split }`) that are not used: set `val_size`, or name an `eval_dataset`, to be scored on them
# $split, $splits
says-no-split-of-tokens = has no split `{ $split }`; it has { $splits }
says-tokens-indexed = names rows by an indices file, which is not read; write it once more with `dataset.flatten_indices().save_to_disk(…)`
says-bad-file-name-of-tokens = names the data file `{ $name }`, which is not in its folder
says-tokens-without = the column `{ $column }` is missing
says-tokens-no-ids = `{ $column }` is no list of token ids
# $column, $other
says-tokens-unequal = `{ $column }` and `{ $other }` are not equally long
says-tokens-without-reply = `{ $column }` leaves no reply to learn
says-tokens-of-two-prompts = its two replies have different prompts
says-tokens-of-media = it has { $column }, which text models don't take
says-no-tokens-there = is not empty, and holds no tokens; name another `tokenized_path`
says-tokens-damaged = tokens that were kept are damaged; remove them and they are made again

## says: A run as it is set up, resumed and told; checkpoints; the commands of a terminal

says-internal-error = internal error: { $why }
says-trained-before = was trained into before: set resume_from_checkpoint: true to go on, overwrite_output_dir: true to begin anew, or another output_dir
says-predicts-elsewhere = holds a trained run, which a prediction alone would write over: name another output_dir
says-not-empty = is not empty (it holds { $name }): set overwrite_output_dir: true, or another output_dir
says-no-resumable = this is no resumable checkpoint: there is no state.json (save_only_model leaves it out)
# $theirs, $ours
says-other-checkpoint-version = version { $theirs } of checkpoints; this program reads version { $ours }
says-other-rows = was made with other training rows, another order or another batch size: resume with the config it was made with, or start a new run from its weights
says-made-with-other-config = was made with another config, whose state fits nothing here ({ $changes }): resume with the config it was made with, or start a new run from its weights
says-goes-on-otherwise = goes on with other settings than the checkpoint was made with: { $changes }
says-no-checkpoint-folder = resume_from_checkpoint: { $path } is no folder; name one checkpoint, or `true` for the newest
# $metric, $names
says-no-such-metric = metric_for_best_model: there is no { $metric } here; evaluations tell { $names }
# $vocab, $id, $token
says-unknown-token-in-data = the model knows { $vocab } tokens, but the data holds id { $id } ({ $token }): choose a template whose special tokens the model has, or the tokenizer that belongs to it
says-pair-tokens-lost = the tokens of this pair can't be found again from its text: the tokenizer or the template is another one now, or it divides the text otherwise at the places where the template puts it together
says-no-reward-model = is no reward model: there is no { $file } (`stage: rm` makes one)
says-no-saved-tensor = the saved state has no tensor `{ $name }`
# $name, $saved, $here
says-saved-shape = `{ $name }` has shape { $saved } in the saved state, { $here } in this run: was it saved by a run of another shape?
says-no-blocks-for-badam = use_badam: the model has no decoder blocks to take turns
# $start, $count
says-badam-start = badam_start_block: { $start } is past the last of { $count } blocks, counted from 0
says-asked-to-stop = asked to stop
says-nothing-to-predict = there is nothing to compare written replies with: a reward model writes none, and plain texts expect none
says-stopped-unwritten = asked to stop; nothing was written
# $name, $value
says-not-finite-score = { $name } is { $value }, not a finite number: the model's weights, or an adapter's, are damaged or too large; take another copy, or an earlier checkpoint
says-no-legacy-format = export_legacy_format writes pickle files, which Corral does not; set it to false
says-name-out-folder = --out (or export_dir) names the folder to write
says-export-dtype-of-gguf = --dtype { $dtype } is of `--format gguf`; a merged folder takes f32, f16 or bf16
says-export-name-not-plain = --name `{ $name }` is no plain name of a file: it takes letters, digits, `.`, `_` and `-`, and begins with none of `.` and `-`
says-modelfile-without = a Modelfile over the base would be another model, for Ollama does not apply this one's { $what }: export it as `--format gguf` or `--format merged`
says-modelfile-of-reward-model = this is a reward model, and Ollama has no place for its value head: export it as `--format merged`
says-export-dtype-idle = --dtype changes nothing here: an adapter stays as it was trained, and a Modelfile holds no weights; leave it out
says-export-size-idle = --size changes nothing here: only a merged folder has its weights in several files; leave it out
says-export-dir-unused = export_dir is not used: --out names the folder
says-export-size-unused = export_size is not used: only a merged folder has its weights in several files
says-export-without-value-head = the value head that PPO trained is not in it: it is of use for going on with training alone
says-merged-into-stored = the adapter was trained on weights packed to { $bits } bits, and is put into those of the folder as they are stored, as LLaMA-Factory does: what the model writes may differ a little
# $format, $types
says-gguf-other-types = rows of some tensors are no whole number of { $format }'s blocks: they are stored in other types ({ $types }), as llama.cpp does, and the file is larger
says-export-without-adapter = { $model } has no adapter: export it as `--format merged` or `--format gguf`
says-export-of-adapters = the model is a base with { $count } adapters, one on the other: merge them with `corral merge`, or export it as `--format merged`
says-merged-is-plain = the base is quantized ({ $formats }): its weights are dequantized, and the merged folder is a plain one
says-weight-past-f16 = `{ $name }` has numbers past 65504, where f16 ends: take bf16 or f32
says-size-above-zero = --size (or export_size) must be above 0
says-out-is-being-written = is being written by another program: wait until it is done, or name another folder
says-out-not-empty = is not empty, and no merge of Corral's made it; name another folder
says-out-holds-others = holds `{ $name }`, which would be lost; name another folder
says-out-is-merged = holds { $path }, which is being merged; name another folder
says-name-file-or-dataset = name a file or a data set
says-name-model = name a model
says-name-model-or-key = name a model, or set model_name_or_path
says-config-no-model = { $path } is a config, not a model: name the model_name_or_path, or output_dir, that it holds
says-damaged-store = not a store of reference log-probs; remove the file
says-cannot-be-run = { $path } can't be run:
# $seq, $why
says-damaged-line = the line after event { $seq } is damaged ({ $why }); restore the file, or train into another output_dir
says-another-worker = another worker is training into this run directory; stop it first
# $tokens, $most
says-conversation-length = the conversation has { $tokens } tokens; the model takes from 1 to { $most }: shorten it
# $id, $vocab
says-no-token-for-bias = logit_bias: there is no token { $id }; the model has { $vocab }
says-logits-not-finite = the model's logits are not finite numbers: its weights, or an adapter's, are damaged or too large; take another copy, or an earlier checkpoint
says-nothing-counts = a batch without a single token whose log-probability counts: check the labels and the cut-off
says-no-tokenizer-json = the tokenizer is missing: put the model's tokenizer.json, tokenizer.model, tekken.json, qwen.tiktoken, or vocab.json with merges.txt, beside the weights, in a folder of its own

## says: What is kept under a name, what is deleted, and what is taken back

says-no-such-config = there is no configuration { $name }
says-config-name-bad = a configuration's name has 1 to 120 characters, no slashes or control characters, and no dot in front
says-config-taken = there is a configuration named { $name } already
# $name, $most
says-config-too-long = { $name } is longer than { $most } KiB, which no configuration is
says-config-too-many = { $most } configurations are kept at most: delete some that are no longer used

says-no-such-model = there is no model { $name }
says-model-of-corral = { $name } comes with Corral and stays
# $name, $path
says-model-of-cache = { $name } lies in the hub's cache, which other programs use too: delete { $path } in a terminal
# $name, $who
says-model-in-use = { $name } is used by { $who }: wait for its end, or stop it
says-used-by-run = the run { $name }
says-used-by-merge = a merge or an export
says-used-by-evaluation = an evaluation of { $name }
says-used-by-chat = a chat

says-no-such-trash = there is nothing { $id } in the trash
says-trash-place-taken = { $path } is there again: move it away, then take this back
says-trash-place-gone = { $path }, in which it lay, is not there any more: take that back first
says-trash-outside = { $path } lies outside the data directory: Corral deletes nothing there

## says: Why the server says no: each is the code of its answer; where one code has several sentences, they stand in its place

says-disk-full = { $what }: the disk is full: make room, then try again
says-the-data-directory = the data directory
# $need, $free
says-merging-needs = merging needs { $need } MiB of disk, { $free } MiB are free
says-no-permission = the server may not read or write it: { $why }
says-internal = the server failed: { $why }; see its log
says-invalid-config =
    { $n ->
        [one] a setting
       *[other] { $n } settings
    } of the run config can't be used
says-json-required = send JSON with Content-Type: application/json
says-too-large = the request is longer than this address takes: { $why }
says-bad-json = { $why }
says-body-not-json = the body is not JSON: { $why }
says-bad-query = the query of the address can't be read: { $why }
says-bad-runs = `runs` names from 1 to { $most } runs by their ids, with commas between
says-bad-metrics = `y` names from 1 to { $most } metrics, with commas between
says-bad-group = no run config has a key `{ $key }`; `corral keys` lists them
says-bad-axis = curves are over `step`, `epoch`, `time` or a metric
says-nothing-drawn = these runs have no values of what is asked for
says-bad-view-name = a view's name has from 1 to 80 characters, and is not `.` or `..`
says-view-too-long = a view has at most { $most } bytes
says-too-many-views = { $most } views are kept; remove one first
says-bad-webhook = { $why }
says-webhook-too-long = a webhook's address has { $most } characters at most
says-webhook-not-whole = a webhook's address is a whole one, as `https://example.org/hook`
says-webhook-scheme = a webhook's address begins with https:// or http://
says-webhook-user = a webhook's address has no user and password in it
says-webhook-unreadable = webhook.json in the data directory can't be used: { $why }
says-pairs-damaged = `pairs/{ $file }` of the run directory is damaged or was just taken away; reload, or train again to have it anew
says-samples-damaged = `samples/{ $file }` of the run directory is damaged or was just taken away; reload, or train again to have it anew
says-marks-damaged = `pairs-marks.json` of the run directory can't be read: mend or remove it, and mark again
says-bad-pair-numbers = `ids` are at most { $most } numbers of pairs with commas between them, such as `0,5,12`
says-too-much-text = these pairs are too long for one answer; ask for fewer at a time
# $shared, $a, $b
says-other-pairs = the runs are not scored on the same pairs: { $shared } are in both, of { $a } and { $b } (a row is the same where data, model's tokens, template and cut-off are); name one eval_dataset in both
says-not-absolute = { $path } is no absolute path: write it out from /
says-bad-file-name = { $file } is no name of a file
says-no-run-directory = { $path } is not the absolute path of a run directory (no events.jsonl)
says-adopted = { $path } is among the runs already
# $path, $other
says-inside-a-run = { $path } lies in the directory of another run, { $other }
says-holds-others = { $why }
# $path, $held
says-others-inside = { $path } can't be a run: { $held } lies in it, and deleting the run would delete that too
# $path, $other
says-other-run-inside = { $other } is another run's and lies in { $path }: delete that run first
says-bad-config-file = { $why }
says-config-no-text = { $name } is no text
says-config-unreadable = { $path } can't be read as text, or is over 1 MiB
says-name-taken = { $why }
says-dataset-name-taken = there is a data set { $name } already
says-not-queued = only a queued run has a place in the queue
says-note-too-long = a note has at most { $most } bytes
# $most, $bytes
says-bad-tags = at most { $most } tags of at most { $bytes } bytes each
says-not-running = the run has ended already
says-running = { $why }
says-run-goes-already = the run is queued or running already
says-stop-run-first = the run is queued or running: stop it first
says-completed = the run is complete: there is nothing to resume
says-elsewhere = the run's worker was started on another machine: it can be stopped and resumed there; once you know that it has ended, remove worker.json from the run's directory
says-no-directory = { $path } is gone, and the run can't go on without it
says-outside = { $path } lies outside the data directory: Corral deletes nothing there; delete the run without its files
# $path, $why
says-files-stay = the run is deleted, but { $path } could not be: { $why }
says-evaluation-goes-on = the evaluation goes on; stop it first
says-evaluation-failed = the evaluation failed: { $why }
says-too-many-compared = { $most } evaluations are compared at most
says-merging-another = { $checkpoint } is being merged; ask again when it is done
says-no-checkpoint = the run has no checkpoint to merge
says-busy = two models are loaded and both are talking: wait for one to finish
says-hub-revision = an entry of dataset_info.json has no revision: leave it out
says-bad-revision = `{ $revision }` is no revision: name a branch, a tag or a commit
says-token-required = open the address that the server printed at its start, or send its token as `Authorization: Bearer …`
says-not-merged = it is not merged yet: merge it first (`POST /api/runs/ID/merge`)
says-is-register = this is a register (dataset_info.json) of { $n } data sets, not a file of rows: choose which of them to add (`POST /api/register`)
says-no-register = this is no dataset_info.json: an object whose entries each say where their data is
says-reserved-name = { $name } is the name of the register of all data sets: choose another
says-bad-name = { $why }
says-dataset-name-bad = a data set's name is one word without commas or slashes, and with no dot or dash in front
# $texts, $packings, $tables
says-bad-format = a data set is a file that ends in { $texts } (each also packed: { $packings }), or { $tables }
says-bad-path = { $why }
says-path-not-whole = `{ $path }` is not the whole path: write it out from /
says-path-not-below = `{ $path }` is not a path below this folder
says-not-a-file = { $path } is neither a file nor a folder
says-no-file = there is no file { $path }
says-no-folder = { $path } is not the whole path of a folder
says-own-file = { $path } is a file of Corral's own data directory: copy it to another place first
says-on-a-hub = its data lies on a hub: download it, and add the file
# $path, $why
says-bad-register = { $path } can't be read: { $why }; mend or remove it
says-demo = the demo's data sets come with Corral and stay
says-cut-off = the upload was cut off ({ $why }): send it again
# $what, $seconds
says-too-slow = `corral-trainer { $what }` took over { $seconds } s
# $what, $signal
says-errand-killed = `corral-trainer { $what }` was ended by signal { $signal }: most likely the machine ran out of memory
# $program, $why
says-no-trainer = { $program } could not be started: { $why }
says-too-many-sockets = too many pages are open; close some
says-step-unsaid = it does not say which step it is
says-part-missing = it is not there
says-part-cut-off = it ends too early
# $name, $why, $before
says-broken-checkpoint =
    { $name } is damaged ({ $why }){ $before ->
        [empty] ; no checkpoint before it is whole
       *[other] ; { $before } is whole: resume from that one
    }
says-bad-argument = a name with a NUL in it means nothing: write it without
# $path, $why
says-no-base = the base model { $path } can't be read: { $why }
says-host-not-allowed = this server does not answer to the name `{ $host }`; start it with --allowed-host to add one
says-method-not-allowed = this address does not take { $method }
says-unusable = { $why }
# $name, $before
says-model-only-checkpoint =
    { $name } was made with save_only_model: it holds the model and not where training stood, so it can't be resumed; start a new run from it (as its adapter or model){ $before ->
        [empty] { "" }
       *[other] , or resume from { $before }
    }
says-not-loaded = the model could not be loaded: { $why }
says-merge-failed = merging failed: { $why }
says-worker-ended = the chat worker ended
says-download-stopped = stopped; what arrived is kept
says-download-not-started = the download could not be started: { $why }
says-download-ended = the download ended with { $how }
says-hub-name = `{ $name }` is not a hub name: it takes the form owner/name, or the address of its page
# $model, $endpoint, $variable
says-hub-not-found = { $model } is not on { $endpoint }, or it is private: check the name, or set { $variable }
# $model, $endpoint, $revision
says-hub-no-revision = { $model } on { $endpoint } has no revision { $revision }: name a branch, a tag or a commit that it has
# $name, $need, $folder, $free
says-hub-no-room = { $name } takes { $need } MiB more, and { $folder } has { $free } MiB free: make room, or choose another disk by HF_HUB_CACHE or MODELSCOPE_CACHE
# $name, $endpoint, $most
says-hub-too-many = { $name } has more files on { $endpoint } than can be listed ({ $most })
# $model, $endpoint, $variable
says-hub-refused = { $endpoint } refuses access to { $model }: accept its terms on its page and set { $variable }
says-hub-pickle-only = { $model } has no safetensors weights; pickle files (pytorch_model.bin) can run code and are never loaded
says-hub-not-a-model = { $model } has no config.json or no tokenizer, so it is not a model Corral can use
says-hub-io = what was downloaded can't be written: { $why }
says-generation = writing the reply failed: { $why }
says-not-found = { $what }
# $need, $free
says-no-memory = loading this model takes about { $need } MiB, and { $free } MiB are free: wait for a run to end, or choose a smaller model
says-cross-site = requests from other sites are refused ({ $header })
says-origin-required = a WebSocket needs the Origin header of this server's pages
says-error = the request failed
# $path, $limit
says-register-full = { $path } would be larger than { $limit } MiB: take data sets out of it first

## says: What a request to the API says that cannot be done, field by field

says-field-missing = { $field } is missing
# $field, $takes
says-no-such-field =
    { $field }: there is no such field{ $takes ->
        [empty] { "" }
       *[other] ; it takes { $takes }
    }
# $field, $what, $given
says-field-takes =
    { $field } takes { $what }{ $given ->
        [empty] { "" }
       *[other] , not { $given }
    }
says-the-body = the body
says-kind-whole = a whole number
says-kind-count = a whole number, 0 or more
says-kind-truth = true or false
says-kind-text = a text
says-kind-list = a list
says-kind-object = an object
says-kind-choice = the name of a choice
says-kind-texts = a text, or a list of texts
says-kind-parts = a text, or a list of parts
# $field, $most
says-takes-stops = { $field } takes up to { $most } texts, none of them empty
says-above-zero-or-all = must be above 0, or -1 for all
says-takes-biases = { $field } takes token ids, and numbers between -100 and 100 for them
# $field, $form
says-plain-text-only = { $field }: replies are plain text; { $form } can't be promised
says-another-form = another form
says-no-tools-here = { $field }: models are not given tools here; describe them in the system message, or leave it out
says-no-logprobs = { $field }: log-probabilities are not given here; leave it out
# $field, $value
says-not-done-here = { $field }: { $value } asks for something that is not done here; leave it out
says-field-unknown = { $field }: this field is not known here; leave it out
says-no-such-choice = { $field }: there is no such choice here; leave it out
says-one-reply = n: one reply at a time
says-messages-empty = messages must not be empty
says-chat-role = role `{ $role }` is not system, user, assistant or tool
# $number, $role
says-message-without-content = message { $number } ({ $role }) has no content
says-part-refusal = a part `refusal` has no place in what a model here is told: write it as a text, or leave it out
says-parts-are-texts = content parts must be texts: images and files are never fetched
says-model-missing = model is missing: name one of /v1/models

## terminal: What is said on a terminal alone: by commands, and why the server does not start

# $key, $why
terminal-key-of-python = { $key } has no effect here: { $why }
# $key, $why
terminal-key-not-built = { $key } is not there: { $why }
# $key, $near
terminal-key-nowhere =
    there is no key { $key }{ $near ->
        [empty] : `corral keys` lists those there are
       *[other] : did you mean { $near }?
    }
terminal-not-printed = the output can't be written: { $why }
# $run, $folder
terminal-no-run-or-folder = { $run }: there is no such folder, and no run of that name in { $folder }
# $path, $folder
terminal-not-linked = { $path } can't be linked to from { $folder }
terminal-left-out = left out: { $why }
terminal-client-is-theirs = { $path } is there already, and not Corral's: name another folder
terminal-not-reported = neither MLflow nor trackio is told of it: { $why }
# $url, $why
terminal-board-says = the board at { $url }: { $why }
terminal-no-board = no board answers on { $folder }
# $folder, $why
terminal-demo-not-put = the demo can't be put into { $folder }: { $why }
# $name, $why
terminal-not-compared = { $name }: not compared with the hub: { $why }
# $host, $why
terminal-host-not-here = { $host } is no address of this machine: { $why }
# $first, $last, $host
terminal-ports-busy = ports { $first } to { $last } of { $host } are all busy; choose another with --port
# $port, $host, $why
terminal-port-unusable = port { $port } of { $host } can't be used: { $why }; choose another with --port
# $path, $why
terminal-data-dir-unusable = the data directory { $path } can't be used: { $why }
# $path, $who
terminal-data-dir-taken = another Corral works on { $path } already: { $who }
# $path, $why
terminal-database-unusable = the database { $path } can't be used: { $why }
terminal-data-dir-comma = the data directory { $path } has a comma in its path: lists of adapters and data sets are separated by commas; choose another with --data-dir
terminal-token-unusable = CORRAL_TOKEN can't be used: it takes 16 characters or more, of letters, digits and - . _ ~
# $model, $why
terminal-model-not-served = { $model } can't be served: { $why }
terminal-option-takes-folder = { $option } takes a folder
terminal-held-by-unnamed = one that starts, or a command that works on it
terminal-held-by-board = open { $url }
terminal-lock-file-removed = its lock file was removed
terminal-ends-not-stored = the ends of its runs can't be stored; is the disk full?
terminal-server-not-started = the server could not start: { $why }
# $name, $usable, $rows, $cut
terminal-rows-usable =
    { $name }: { $usable } of { $rows } rows usable{ $cut ->
        [empty] { "" }
       *[other] , { $cut } cut to cutoff_len
    }
terminal-more-rows = and { $n } more
terminal-health-well =
    { $checks ->
        [one] { $checks } check
       *[other] { $checks } checks
    }, nothing found
terminal-import-not-yet = { $path } holds no run yet: looking on
terminal-import-own-followed = { $path } is a run directory of Corral's: the board follows it without --follow
terminal-samples-never-answered = the prompts were not answered yet
terminal-no-run-folder = there is no such run directory
terminal-run-failed = failed: { $why }
terminal-in-note = note: { $what }
terminal-in-error = error: { $why }
terminal-corral-at = Corral is at { $url }
terminal-others-need-token = Other users of this machine need the token: { $url }
terminal-data-directory = Data directory: { $path }
terminal-training-on-cpu = Training runs on the CPU: { $why }
terminal-corral-ends = Corral ends; { $what }.
terminal-runs-go-on = runs go on, and the next start takes them up
terminal-model-unloaded = no model stays loaded
terminal-openai-address = OpenAI-style API: { $url }
terminal-api-key = API key: { $key }
terminal-api-key-of-others = API key for other users of this machine: { $key }
# $port, $free
terminal-port-busy = Port { $port } is busy: using { $free }, the next free one.
terminal-trainer-missing = { $path } is missing: nothing that needs the model can start.
# $step, $total, $epoch, $metrics
terminal-step-done = step { $step }/{ $total } (epoch { $epoch }): { $metrics }
# $step, $metrics
terminal-evaluation-at = evaluation at step { $step }: { $metrics }
terminal-saved-at = saved { $path }
terminal-saved-best = saved { $path } (the best so far)
terminal-completed-after =
    completed after { $steps ->
        [one] { $steps } step
       *[other] { $steps } steps
    }
terminal-stopped-after =
    stopped after { $steps ->
        [one] { $steps } step
       *[other] { $steps } steps
    }; resume_from_checkpoint=true goes on
terminal-ended-after =
    ended after { $steps ->
        [one] { $steps } step
       *[other] { $steps } steps
    }
# $steps, $rows, $held, $engine, $after
terminal-training-begins =
    { $steps ->
        [one] { $steps } step
       *[other] { $steps } steps
    } over { $rows ->
        [empty] streamed
       *[other] { $rows }
    } rows ({ $held } held out), { $engine }{ $after ->
        [empty] { "" }
       *[other] , going on after step { $after }
    }
# $trained, $all, $compute, $device, $threads
terminal-training-by = { $trained } of { $all } parameters trained, { $compute } on { $device } with { $threads } threads
# $phase, $done, $total
terminal-phase-done = { $phase } { $done }/{ $total }
terminal-phase-loading = loading
terminal-phase-tokenizing = tokenizing
terminal-phase-reference = reference log-probs
terminal-phase-evaluating = evaluating
terminal-phase-sampling = answering sample prompts
terminal-phase-predicting = writing replies
terminal-phase-saving = saving
terminal-phase-merging = merging
# $name, $mib, $hub
terminal-to-fetch = { $name }: { $mib } MiB to fetch from { $hub }
# $name, $done, $total
terminal-fetched-so-far = { $name }: { $done } of { $total } MiB
# $files, $mib, $missing, $free
terminal-fetch-plan = { $files } files, { $mib } MiB, { $missing } MiB of them to fetch; { $free } MiB free
# $step, $right, $all, $share, $first, $gained, $lost
terminal-pairs-right = step { $step }: { $right } of { $all } pairs are right ({ $share } %); since step { $first } { $gained } became right, { $lost } wrong
terminal-pairs-left-out =
    { $n ->
        [one] { $n } held-out pair more is
       *[other] { $n } held-out pairs more are
    } in the run's metrics and not kept here
terminal-column-pair = pair
terminal-column-first = first
terminal-column-margin = margin
terminal-column-change = change
terminal-column-prompt = prompt
# $step, $facts
terminal-reply-at = step { $step } ({ $facts })
terminal-reply-tokens =
    { $n ->
        [one] { $n } token
       *[other] { $n } tokens
    }
terminal-reply-cut-off = cut off
terminal-reply-repeats = repeats { $share } %
terminal-reply-empty = empty
terminal-reply-refusal = reads like a refusal
terminal-keys-in-english = What each key means is told in English.
terminal-keys-of-model = Model
terminal-keys-of-data = Data
terminal-keys-of-method = Method: the stage, its loss, what it compares with
terminal-keys-of-adapter = What trains
terminal-keys-of-optimizer = Optimizer and schedule
terminal-keys-of-batch = Batch, length and device
terminal-keys-of-cadence = Evaluations, checkpoints, logs
terminal-keys-of-run = The run: its place, its name, who is told of it
terminal-key-is-list = list
terminal-key-is-text = text
terminal-key-is-flag = flag
terminal-key-is-flag-or-null = flag or null
terminal-key-is-count = count
terminal-key-is-whole = whole number
terminal-key-is-number = number
terminal-key-is-map = map
terminal-key-has-default = default { $value }
terminal-key-counts-under = Counts under { $when }.
terminal-key-counts-never = Read, and changes nothing.
# $names, $n
terminal-names-and-more = { $names } and { $n } more
terminal-fact-group = group
terminal-fact-takes = takes
terminal-fact-range = range
terminal-fact-choices = choices
terminal-fact-also = also
terminal-fact-default = default
terminal-fact-counts = counts
terminal-fact-whose = whose
terminal-fact-also-named = also named
terminal-default-none = none
terminal-counts-never = never: it is read, and changes nothing
terminal-counts-always = always
terminal-counts-under = under { $when }
# $least, $most
terminal-range-within = { $least } to { $most }
# $above, $most
terminal-range-above-within = above { $above }, at most { $most }
terminal-range-from = { $least } or more
terminal-range-above = above { $above }
terminal-range-up-to = at most { $most }
# $value, $when
terminal-default-under = { $value } ({ $when })
terminal-default-follows = follows { $keys }
# $one, $other
terminal-one-then-other = { $one }; { $other }
# $one, $other
terminal-one-or-other = { $one } or { $other }
# $one, $other
terminal-one-and-other = { $one } and { $other }
# $one, $other
terminal-one-or-else = { $one }, or { $other }
# $key, $names
terminal-key-is-one-of = { $key }: { $names }
# $key, $names
terminal-key-is-none-of = { $key }: not { $names }
terminal-key-there = with { $key }
terminal-key-several = several in { $key }
terminal-key-absent = without { $key }
terminal-sweep-runs =
    { $n ->
        [one] { $n } run
       *[other] { $n } runs
    }
terminal-sweep-steps =
    { $n ->
        [one] { $n } step
       *[other] { $n } steps
    } in all
# $rough, $each, $all, $from
terminal-sweep-takes =
    { $rough ->
        [empty] about
       *[other] roughly
    } { $each } each, { $all } in all (by the speed of { $from ->
        [empty] a few steps of one
       *[other] { $from }
    })
terminal-sweep-time-unknown = how long is not known: no run like these has been made here
# $disk, $free
terminal-sweep-disk = { $disk } GB of checkpoints, { $free } GB are free
# $name, $days, $mb
terminal-sweep-in-trash = { $name } is in the trash for { $days } days with its { $mb } MB: the page Models takes it back or empties the trash
terminal-run-is-stopped-early = stopped early
terminal-run-is-completed = completed
terminal-run-is-failed = failed
terminal-run-is-stopped = stopped
terminal-run-is-queued = queued
terminal-run-is-starting = starting
terminal-run-is-running = running
terminal-run-is-stopping = stopping
terminal-run-is-untold = untold
terminal-run-is-unknown = unknown
terminal-column-run = run
terminal-column-state = state
# $least, $measured
terminal-sweep-matters-from = which key matters is said from { $least } runs with a result on; so far there are { $measured }
terminal-sweep-matters = which key matters, by { $measured } runs:
# $key, $correlation, $share
terminal-sweep-key-matters = { $key } rank correlation { $correlation }   permutation { $share } %
# $computed, $read
terminal-sweep-reference = the reference's log-probs: computed by { $computed }, read by { $read }
terminal-import-follows = following { $path }
terminal-import-ended = ended { $path }

## metric: what is measured of a run; a title stands within a sentence, a label in the legend of a chart

metric-loss = loss
    .meaning = What is minimised: the method's own loss, averaged over the rows of a step
metric-rewards-margins = reward margin
    .meaning = How much higher the chosen reply is rewarded than the rejected one, by the method's own reward
metric-rewards-accuracies = reward accuracy
    .label = rewards
    .meaning = Share of pairs whose chosen reply has the higher reward
metric-preference-margins = preference margin
    .meaning = How much likelier per token the policy finds the chosen reply, in nats: on one scale for every method
metric-preference-accuracies = preference accuracy
    .label = preference
    .meaning = Share of held-out pairs whose chosen reply the policy finds likelier per token: on one scale for every method
metric-accuracy = accuracy
    .label = scores
    .meaning = Share of pairs scored the right way round; for supervised tuning, of tokens that are the likeliest
metric-mean_token_accuracy = token accuracy
    .meaning = Share of the tokens trained on that are the model's likeliest
metric-entropy = entropy
    .meaning = How spread out the model's next token is at the tokens of the loss, in nats; near zero it always says the same
metric-reward = reward
    .meaning = Mean score of the replies, by the reward model
metric-objective-kl = KL to the reference
    .meaning = How far the policy's replies have moved from the reference, in nats a reply
metric-tokens-responses_len_mean = tokens of a reply
    .label = training
    .meaning = Mean length of the replies that were written
metric-rewards-chosen = reward of the chosen reply
    .label = chosen
    .meaning = Mean reward of the chosen replies
metric-rewards-rejected = reward of the rejected reply
    .label = rejected
    .meaning = Mean reward of the rejected replies
metric-logps-chosen = log-prob of the chosen reply
    .label = chosen
    .meaning = Mean log-probability of the chosen replies, as the loss uses it: falling on both sides is a sign of displacement
metric-logps-rejected = log-prob of the rejected reply
    .label = rejected
    .meaning = Mean log-probability of the rejected replies, as the loss uses it
metric-logits-chosen = logits at the chosen reply
    .label = chosen
    .meaning = Mean over the vocabulary of the logits at the chosen replies' tokens
metric-logits-rejected = logits at the rejected reply
    .label = rejected
    .meaning = The same at the rejected replies' tokens
metric-count-chosen = good replies
    .meaning = Good replies in a step
metric-count-rejected = bad replies
    .meaning = Bad replies in a step
metric-predict_bleu-4 = BLEU-4
    .meaning = How alike written replies and the expected ones are, by runs of up to four characters, in percent
metric-predict_rouge-1 = ROUGE-1
    .meaning = How alike written replies and the expected ones are, by single words, in percent
metric-predict_rouge-2 = ROUGE-2
    .meaning = How alike written replies and the expected ones are, by pairs of words, in percent
metric-predict_rouge-l = ROUGE-L
    .meaning = How alike written replies and the expected ones are, by the longest sequence of words they share, in percent
metric-completions-mean_length = tokens of a sample
    .label = samples
    .meaning = Mean length of the replies to the sample prompts
metric-completions-repetition = repetition in samples
    .meaning = Share of the samples' runs of four tokens that they had before
metric-completions-clipped_ratio = samples cut off
    .meaning = Share of the replies to the sample prompts that ran out of room
metric-objective-kl_coef = KL coefficient
    .meaning = Weight of the KL penalty
metric-objective-entropy = entropy
    .meaning = Mean surprise of the policy at its own tokens, in nats
metric-kl = KL baseline
    .meaning = KTO's estimate of the KL to the reference, from mismatched replies
metric-delta = reward baseline
    .meaning = BCO's running mean of the rewards, which splits good from bad
metric-sft_loss = supervised part of the loss
    .meaning = Cross entropy of the chosen reply, per token
metric-odds_ratio_loss = odds-ratio part of the loss
    .meaning = ORPO's second term, before beta
metric-nll_loss = cross entropy
    .meaning = Cross entropy per token, before the method's weights
metric-token_weights = mean token weight
    .meaning = How much a token counts on average
metric-policy_weights = mean pair weight
    .meaning = WPO's weight of a pair, by how likely the policy is to write it
metric-aux_loss = router loss
    .meaning = How unevenly the experts are used
metric-ppo-loss-policy = policy loss
    .meaning = PPO's clipped objective of the policy
metric-ppo-loss-value = value loss
    .meaning = Squared error of the value head
metric-ppo-policy-clipfrac = clipped policy updates
    .meaning = Share of tokens whose update was clipped
metric-ppo-policy-approxkl = KL of the update
    .meaning = How far the policy moved within the step
metric-ppo-val-clipfrac = clipped value updates
    .meaning = Share of values whose update was clipped
metric-ppo-returns-mean = mean return
    .meaning = Mean discounted sum of rewards
metric-grad_norm = gradient norm
    .label = grad norm
    .meaning = Length of the gradient before clipping
metric-learning_rate = learning rate
    .label = learning rate
    .meaning = The step's learning rate
metric-loss_scale = loss scale
    .meaning = Factor by which f16 gradients are kept from vanishing
metric-skipped_updates = skipped updates
    .meaning = Updates left out since their f16 gradients overflowed
metric-tokens_per_second = tokens per second
    .meaning = Tokens trained on in a second
metric-num_input_tokens_seen = tokens seen
    .meaning = Tokens trained on so far
metric-num_tokens = tokens read
    .meaning = Tokens of all rows read so far, prompts included
metric-memory = peak memory
    .meaning = Most memory in use so far, of the worker or its card
metric-machine-cpu = processor
    .label = all
    .meaning = Share of all cores in use, by whatever program
metric-machine-worker_cpu = processor, by the run
    .label = this run
    .meaning = Share of all cores that the run's worker uses
metric-machine-memory = memory in use
    .label = all
    .meaning = Memory that programs hold, in bytes: the machine's, or that of the server's control group
metric-machine-worker_memory = memory of the run
    .label = this run
    .meaning = Memory that the run's worker has resident, in bytes
metric-machine-disk_written = written to disk
    .label = this run
    .meaning = Bytes that the run's worker writes to the disk in a second
metric-machine-disk_free = free disk
    .label = free
    .meaning = Bytes free where the run's folder lies
metric-machine-card = use of the card
    .label = in use
    .meaning = Share of the time in which the run's card computed, as NVML has it
metric-machine-card_memory = memory of the card
    .label = in use
    .meaning = Memory in use on the run's card, in bytes, as NVML has it
metric-machine-card_watts = power of the card
    .label = card
    .meaning = Watts that the run's card draws, as NVML measures it
metric-machine-processor_watts = power of the processor
    .label = processor
    .meaning = Watts that the processors draw, by all programs, as RAPL measures it

## chart: the charts of a run

chart-reward = Reward
chart-kl = KL to the reference
chart-reply-length = Tokens of a reply
chart-reward-margin = Reward margin
chart-accuracy = Accuracy
chart-loss = Loss
chart-rewards = Rewards
chart-log-probs = Log-probs
chart-logits = Logits
chart-preference-margin = Preference margin per token
chart-token-accuracy = Token accuracy
chart-entropy = Entropy per token
chart-rate-and-norm = Learning rate and gradient norm
chart-speed = Tokens per second
chart-processor = Processor
chart-memory = Memory
chart-disk-written = Written to disk per second
chart-disk-free = Free disk
chart-card = Card
chart-card-memory = Memory of the card
chart-power = Power

## method: when to take a method

method-simpo = Best first choice: strong results without a reference model
method-orpo = Imitates and prefers in one pass, straight from a base model
method-sigmoid = The classic: stays near the model it starts from
method-hinge = Stops pushing once a pair is clearly apart
method-ipo = For few or noisy pairs: aims at a margin, not at infinity
method-kto-pair = Weighs gains and losses as people do; robust to uneven pairs
method-cpo = Imitates and prefers without a reference model; for chosen replies worth copying
method-robust = For pairs of which a known share is labelled the wrong way round
method-exo-pair = Aims at the exact optimum: a margin to reach, not one to widen for ever
method-nca-pair = Keeps the chosen reply likely while the rejected one falls
method-bco-pair = Tells good replies from bad against a running mean; for uneven data
method-sppo-hard = Pulls both replies to fixed targets; made for rounds of self-play
method-aot = For paired data: the margins of a batch, as a distribution; needs batches of several pairs
method-aot-pair = For unpaired data: chosen above rejected at every quantile; needs batches of several pairs
method-apo-zero = For chosen replies better than what the model writes
method-apo-down = For chosen replies worse than what the model writes
method-discopop = A blend of losses found by a language model; for trying out
method-mpo = DPO, BCO and imitation added up; for long reasoning and vision data
method-kto = Learns from single replies marked good or bad; pairs are taken apart
method-sft = Teaches replies by example; the stage before preferences
method-pt = Teaches a language or a field from plain text
method-rm = Learns to score replies from pairs; PPO needs one
method-ppo = Writes replies and learns from a reward model's scores

## report: a comparison as an HTML file

report-title = Comparison of runs
report-run = Run
report-time = Time
report-memory = Memory
report-baseline = baseline
report-charts = Charts
report-configs = Configurations
report-hidden = not drawn
report-note = Columns in monospace are the keys in which the configurations differ; the best of a column is bold.
report-means = Lines are means of the runs with the same value of the key, bands go from the least to the greatest of them.
