"""Values of a config that is sound YAML: each is laid over config.yaml, as --configfile does."""

from tests.inputs.case import Case, cases

SD = "models: {storybook-sd: {%s}}"
MINE = "models: {%s: {family: sd, source: resources/storybook/storybook-sd}}"
LINES = "prompts: {mine: {kind: lines, path: %s}}\ngood_seed: {prompts: mine}"
HUGE = 10**10

TYPES = {
    # Every kind of wrong value, at keys of every kind
    "run as number": ("run: 7", "config: run: 7 is not of type string"),
    "run as list": ("run: [a]", "config: run: ['a'] is not of type string"),
    "run null": ("run: null", "config: run: None is not of type string"),
    "run true": ("run: yes", "config: run: True is not of type string"),
    "models as list": ("models: [a]", "config: models: ['a'] is not of type object"),
    "model null": ("models: {a: null}", "config: models.a: None is not of type object"),
    "steps as text": (SD % "steps: '20'", "config: models.storybook-sd.steps: '20' is not of"),
    "steps as words": (SD % "steps: twenty", "config: models.storybook-sd.steps: 'twenty' is"),
    "steps with a thousands comma": (SD % "steps: '1,000'", "config: models.storybook-sd.steps"),
    "steps octal": (SD % "steps: 0o20", "config: models.storybook-sd.steps: '0o20' is not of"),
    "steps true": (SD % "steps: true", "config: models.storybook-sd.steps: True is not of type"),
    "steps as float": (SD % "steps: 20.0", "config: models.storybook-sd.steps: 20.0 is not of"),
    "steps as range": (SD % "steps: 1-20", "config: models.storybook-sd.steps: '1-20' is not"),
    "steps zero": (SD % "steps: 0", "config: models.storybook-sd.steps: 0 is less than"),
    "steps negative": (SD % "steps: -1", "config: models.storybook-sd.steps: -1 is less than"),
    "steps huge": (SD % f"steps: {HUGE}", "config: models.storybook-sd.steps", "maximum of 1000"),
    "steps null": (SD % "steps: null", "config: models.storybook-sd.steps: None is not of type"),
    "steps as list": (SD % "steps: [20]", "config: models.storybook-sd.steps: [20] is not of"),
    "steps as table": (SD % "steps: {a: 1}", "config: models.storybook-sd.steps: {'a': 1} is"),
    "guidance NaN": (SD % "guidance: .nan", "models.storybook-sd.guidance: .nan is not a finite"),
    "guidance infinite": (SD % "guidance: .inf", "models.storybook-sd.guidance: .inf is not"),
    "guidance negative": (SD % "guidance: -1", "config: models.storybook-sd.guidance: -1 is less"),
    "guidance huge": (SD % "guidance: 1e300", "config: models.storybook-sd.guidance"),
    "guidance as text": (SD % "guidance: 7.5x", "config: models.storybook-sd.guidance: '7.5x' is"),
    "eta above one": (SD % "eta: 1.5", "config: models.storybook-sd.eta: 1.5 is greater than"),
    "eta negative": (SD % "eta: -0.1", "config: models.storybook-sd.eta: -0.1 is less than"),
    "batch zero": (SD % "batch: 0", "config: models.storybook-sd.batch: 0 is less than"),
    "batch huge": (SD % f"batch: {HUGE}", "config: models.storybook-sd.batch", "maximum of 4096"),
    "resolution zero": (SD % "resolution: 0", "config: models.storybook-sd.resolution: 0 is"),
    "resolution huge": (SD % f"resolution: {HUGE}", "config: models.storybook-sd.resolution"),
    "resolution pair": (SD % "resolution: [64, 64]", "config: models.storybook-sd.resolution"),
    "resolution with unit": (SD % "resolution: 64px", "config: models.storybook-sd.resolution"),
    "compile as text": (SD % "compile: 'yes'", "config: models.storybook-sd.compile: 'yes' is"),
    "revision as number": (SD % "revision: 1", "config: models.storybook-sd.revision: 1 is not"),
    "revision empty": (SD % "revision: ''", "config: models.storybook-sd.revision: '' is not a"),
    "revision upwards": (SD % "revision: ../x", "config: models.storybook-sd.revision: '../x'"),
    "note too long": (SD % f"note: {'x' * 3000}", "config: models.storybook-sd.note", "too long"),
    "share as percentage": ("good_seed: {golden_share: 25%}", "good_seed.golden_share: '25%' is"),
    "share above one": ("good_seed: {golden_share: 25}", "good_seed.golden_share: 25 is greater"),
    "share zero": ("good_seed: {golden_share: 0}", "config: good_seed.golden_share: 0 is less"),
    "share NaN": ("good_seed: {golden_share: .nan}", "good_seed.golden_share: .nan is not a fin"),
    "interval NaN": ("good_seed: {interval: .nan}", "good_seed.interval: .nan is not a finite"),
    "interval one": ("good_seed: {interval: 1.0}", "config: good_seed.interval: 1.0 is greater"),
    "nms NaN": ("detectors: {storybook-yolo: {nms_iou: .nan}}", "detectors.storybook-yolo.nms_iou"),
    "nms zero": ("detectors: {storybook-yolo: {nms_iou: 0}}", "detectors.storybook-yolo.nms_iou"),
    "trials one": ("good_seed: {trials: 1}", "config: good_seed.trials: 1 is less than"),
    "trials huge": (
        f"good_seed: {{trials: {HUGE}}}",
        "config: good_seed.trials",
        "maximum of 1000",
    ),
    "bootstrap huge": (f"good_seed: {{bootstrap: {HUGE}}}", "config: good_seed.bootstrap"),
    "bootstrap zero": ("good_seed: {bootstrap: 0}", "config: good_seed.bootstrap: 0 is less"),
    "permutations negative": ("good_seed: {permutations: -5}", "good_seed.permutations: -5 is"),
    "fresh seeds huge": (f"good_seed: {{fresh_seeds: {HUGE}}}", "config: good_seed.fresh_seeds"),
    "seed negative": ("good_seed: {split_seed: -1}", "config: good_seed.split_seed: -1 is less"),
    "seed of 20 digits": (f"good_seed: {{split_seed: {10**19}}}", "config: good_seed.split_seed"),
    "seed as text": ("good_seed: {statistics_seed: abc}", "config: good_seed.statistics_seed: 'a"),
    "names as text": ("good_seed: {models: storybook-sd}", "config: good_seed.models: 'storybook"),
    "names with null": ("good_seed: {scorers: [null]}", "config: good_seed.scorers.0: None is not"),
    "names with a number": ("good_seed: {models: [1]}", "config: good_seed.models.0: 1 is not of"),
    "name twice": (
        "good_seed: {models: [storybook-sd, storybook-sd]}",
        "config: good_seed.models",
        "non-unique",
    ),
    "prompts null": ("good_seed: {prompts: null}", "config: good_seed.prompts: None is not of"),
    "section null": ("good_seed: null", "config: good_seed: None is not of type object"),
    "section as list": ("lottery_ticket: []", "config: lottery_ticket: [] is not of type object"),
    "confidences NaN": (
        "lottery_ticket: {confidences: [.nan]}",
        "confidences.0: .nan is not a fin",
    ),
    "confidences empty": ("lottery_ticket: {confidences: []}", "lottery_ticket.confidences: []"),
    "confidences rising": (
        "lottery_ticket: {confidences: [0.1, 0.2]}",
        "lottery_ticket.confidences: give them in falling order",
    ),
    "confidence of one": ("lottery_ticket: {confidences: [1.0]}", "lottery_ticket.confidences.0"),
    "noises huge": (
        f"lottery_ticket: {{noises: {{count: {HUGE}}}}}",
        "config: lottery_ticket.noises.count: 10000000000 is greater than the maximum of 1000000",
    ),
    "noises none": ("lottery_ticket: {noises: {count: 0}}", "lottery_ticket.noises.count: 0 is"),
    "noises per job none": ("lottery_ticket: {noises: {per_job: 0}}", "noises.per_job: 0 is less"),
    "margin zero": ("lottery_ticket: {margins: {iou: 0}}", "margins.iou: 0 is less than or equal"),
    "t_obj above one": ("lottery_ticket: {rule: {t_obj: 2}}", "lottery_ticket.rule.t_obj: 2 is"),
    "t_obj as text": ("lottery_ticket: {rule: {t_obj: high}}", "lottery_ticket.rule.t_obj: 'high'"),
    "adjectives empty": (
        "lottery_ticket: {properties: {adjectives: []}}",
        "lottery_ticket.properties.adjectives: []",
    ),
    "adjective with a line end": (
        'lottery_ticket: {properties: {adjectives: ["red\\nblue"]}}',
        "lottery_ticket.properties.adjectives.0: 'red\\nblue' is not a line",
    ),
    "weight infinite": (
        "lottery_ticket: {tuning: {paint: {weight: [.inf]}}}",
        "lottery_ticket.tuning.paint.weight.0: .inf is not a finite number",
    ),
    "weight huge": (
        "lottery_ticket: {tuning: {paint: {weight: [1.0e+300]}}}",
        "config: lottery_ticket.tuning.paint.weight.0: 1e+300 is greater than",
    ),
    "weight zero": (
        "lottery_ticket: {tuning: {soft: {weight: [0, 1, 2, 4]}}}",
        "config: lottery_ticket.tuning.soft.weight.0: 0 is not above 0",
    ),
    "metric empty": (
        "extractors: {storybook-net: {metric: ''}}",
        "extractors.storybook-net.metric",
    ),
    "metric with a line end": (
        'extractors: {storybook-net: {metric: "FD\\nx"}}',
        "config: extractors.storybook-net.metric: 'FD\\nx' is not a line",
    ),
    "source empty": (SD % "source: ''", "config: models.storybook-sd.source: '' is not a line"),
    "source with a NUL": (SD % 'source: "a\\0"', "models.storybook-sd.source: 'a\\x00' holds"),
    "scenes a number": ("lottery_ticket: {scenes: 3}", "config: lottery_ticket.scenes: 3 is not"),
    "limits as number": ("limits: 5", "config: limits: 5 is not of type object"),
    "limit of no jobs": ("limits: {jobs: 0}", "config: limits.jobs: 0 is less than the minimum"),
    "limit of no memory": ("limits: {memory_gb: 0}", "config: limits.memory_gb: 0 is less"),
    "contact sheet huge": (
        "good_seed: {contact_sheet: {seeds: 100000}}",
        "config: good_seed.contact_sheet.seeds: 100000 is greater than the maximum of 100",
    ),
    "swap of one pair": ("good_seed: {swap: {pairs: 1}}", "config: good_seed.swap.pairs: 1 is"),
    "swap seed negative": ("good_seed: {swap: {base_seed: -3}}", "good_seed.swap.base_seed: -3 is"),
    "swap after no step": ("good_seed: {swap: {after_steps: []}}", "good_seed.swap.after_steps"),
    "swap after the last step": (
        "good_seed: {swap: {steps: 8, after_steps: [8]}}",
        "good_seed.swap.after_steps: must stay below good_seed.swap.steps (8)",
    ),
    "etas above one": ("good_seed: {swap: {etas: [2.0]}}", "config: good_seed.swap.etas.0: 2.0"),
    "reference of one picture": (
        "references: {storybook: {count: 1}}",
        "references.storybook.count",
    ),
    "reference huge": (
        f"references: {{storybook: {{count: {HUGE}}}}}",
        "references.storybook.count",
    ),
    "layouts negative": ("layouts: {storybook: {one: -1}}", "config: layouts.storybook.one: -1 is"),
    "layouts huge": (f"layouts: {{storybook: {{one: {HUGE}}}}}", "config: layouts.storybook.one"),
    "layouts none": (
        "layouts: {held_out: {one: 0, two: 0}}",
        "config: layouts.held_out: no layouts; raise one or two",
    ),
    "prompts huge": (f"prompts: {{dense: {{count: {HUGE}}}}}", "config: prompts.dense.count"),
    "quality scenes huge": (f"quality: {{scenes: {HUGE}}}", "config: quality.scenes: 10000000000"),
}

NAMES = {
    "run with a blank": ("run: my run", "config: run: 'my run' is not a name"),
    "run upwards": ("run: ../a", "config: run: '../a' is not a name"),
    "run absolute": ("run: /tmp/a", "config: run: '/tmp/a' is not a name"),
    "run of dots": ("run: '..'", "config: run: '..' is not a name"),
    "run with a final line end": ('run: "a\\n"', "config: run: 'a\\n' is not a name"),
    "run with a quote": ("run: a'b", 'config: run: "a\'b" is not a name'),
    "run that runs": ("run: $(id)", "config: run: '$(id)' is not a name"),
    "run with braces": ("run: '{model}'", "config: run: '{model}' is not a name"),
    "run in Cyrillic letters": ("run: d\u0435fault", "config: run: ", "is not a name"),
    "run with an umlaut": ("run: läuft", "config: run: 'läuft' is not a name"),
    "run in full width": ("run: \uff52un", "config: run: ", "is not a name"),
    "run of 65 letters": (f"run: {'a' * 65}", "config: run: 'aaa", "is not a name"),
    "run of 64 letters": (f"run: {'a' * 64}",),
    "run empty": ("run: ''", "config: run: '' is not a name"),
    "run named all": ("run: all", "config: run: the name 'all' is reserved"),
    "model named evaluators": (MINE % "evaluators", "config: models.evaluators: the name 'evaluat"),
    "model named reference": (MINE % "reference", "config: models.reference: the name 'reference"),
    "model named Reference": (MINE % "Reference", "config: models.Reference: the name 'Reference"),
    "model named layouts": (MINE % "layouts", "config: models.layouts: the name 'layouts' is"),
    "model named all": (MINE % "all", "config: models.all: the name 'all' is reserved"),
    "model with a dot": (MINE % "sd1.5", "config: models: 'sd1.5' is not a name"),
    "model with a slash": (MINE % "a/b", "config: models: 'a/b' is not a name"),
    "model with a plus": (MINE % "a+b", "config: models: 'a+b' is not a name"),
    "model with a final line end": (MINE % '"a\\n"', "config: models: 'a\\n' is not a name"),
    "model with a blank": (MINE % "'a b'", "config: models: 'a b' is not a name"),
    "model with a bar": (MINE % "'a|b'", "config: models: 'a|b' is not a name"),
    "model empty": (MINE % "''", "config: models: '' is not a name"),
    "model in another case": (MINE % "Storybook-SD", "config: models.Storybook-SD: the same name"),
    "prompts in another case": ("prompts: {DENSE: {kind: parti}}", "prompts.DENSE: the same name"),
    "scorer named as an extractor": (
        "scorers: {storybook-net: {kind: clip, source: resources/storybook/storybook-clip}}",
        "config: scorers.storybook-net: the same name as extractors.storybook-net",
    ),
    "detector named reference": (
        "detectors: {reference: {kind: ultralytics, source: a.pt}}",
        "config: detectors.reference: the name 'reference' is reserved",
    ),
    "metric of two evaluators": (
        "scorers: {storybook-clip: {metric: FD (storybook-net)}}",
        "config: scorers.storybook-clip.metric: 'FD (storybook-net)' as extractors.storybook-net",
    ),
    "t_obj twice but for rounding": (
        "lottery_ticket: {sensitivity: {t_obj: [0.3, 0.30000001]}}",
        "config: lottery_ticket.sensitivity.t_obj: 2 values would all be called 0.3",
    ),
    "t_bg twice": ("lottery_ticket: {sensitivity: {t_bg: [0.1, 0.1]}}", "sensitivity.t_bg", "uniq"),
    "paper column of no table": (
        SD % "paper: {column: SD 2.1}",
        "config: models.storybook-sd.paper.column: 'SD 2.1' is in no table",
        "did you mean 'SD 2.0'?",
    ),
    "metric column of no table": (
        "extractors: {storybook-net: {paper: {column: fid}}}",
        "config: extractors.storybook-net.paper.column: 'fid' is in no table of the papers",
    ),
    "paper without a column": (SD % "paper: {column: null}", "storybook-sd.paper.column: None"),
}

UNKNOWN = {
    "key misspelt": ("modles: {}", "config: modles: unknown key; did you mean 'models'?"),
    "key of nothing": ("zzz: 1", "config: zzz: unknown key; known: depths, detectors"),
    "key in capitals": ("Models: {}", "config: Models: unknown key; did you mean 'models'?"),
    "key with a blank": ("'run ': a", "config: run : unknown key; did you mean 'run'?"),
    "key confusable": ("r\u057dn: a", "unknown key; did you mean 'run'?"),
    "key with a dot": ("good_seed.trials: 3", "config: good_seed.trials: unknown key"),
    "steps misspelt": (SD % "stesp: 3", "models.storybook-sd.stesp: unknown key; did you mean"),
    "guidance_scale": (SD % "guidance_scale: 3", "storybook-sd.guidance_scale: unknown key; did"),
    "bootstraps": ("good_seed: {bootstraps: 9}", "good_seed.bootstraps: unknown key; did you mean"),
    "split set3": ("good_seed: {splits: {set3: {}}}", "good_seed.splits.set3: unknown key; did"),
    "model not there": ("good_seed: {models: [storybok-sd]}", "models: unknown name 'storybok-sd'"),
    "prompts not there": ("good_seed: {prompts: long}", "good_seed.prompts: unknown name 'long'"),
    "scorer not there": ("good_seed: {scorers: [hps]}", "config: good_seed.scorers: unknown name"),
    "reference not there": ("good_seed: {reference: coco}", "good_seed.reference: unknown name"),
    "layouts not there": ("lottery_ticket: {layouts: vg}", "lottery_ticket.layouts: unknown name"),
    "detector not there": ("lottery_ticket: {detectors: [x]}", "lottery_ticket.detectors: unknown"),
    "held-out not there": ("lottery_ticket: {tuning: {layouts: vg}}", "tuning.layouts: unknown"),
    "swap model not there": ("good_seed: {swap: {model: sd2}}", "good_seed.swap.model: unknown"),
    "family unknown": (
        SD % "family: flux",
        "config: models.storybook-sd.family: 'flux' is not one",
    ),
    "scheduler unknown": (SD % "scheduler: dpm", "config: models.storybook-sd.scheduler: 'dpm'"),
    "precision unknown": (SD % "precision: fp16", "config: models.storybook-sd.precision: 'fp16'"),
    "noise unknown": (SD % "noise: gpu", "config: models.storybook-sd.noise: 'gpu' is not one of"),
    "encoding unknown": ("image_encoding: jpg", "config: image_encoding: 'jpg' is not one of png"),
    "world unknown": (SD % "world: real", "config: models.storybook-sd.world: 'real' is not one"),
    "method unknown": ("lottery_ticket: {methods: [sd, semy]}", "lottery_ticket.methods.1: 'semy'"),
    "kind unknown": ("prompts: {a: {kind: csv}}", "config: prompts.a.kind: 'csv' is not one of"),
    "kind missing": ("prompts: {a: {path: b}}", "config: prompts.a.kind: missing; add it"),
    "kind a list": (
        "prompts: {a: {kind: [lines]}}",
        "config: prompts.a.kind: ['lines'] is not one",
    ),
    "extractor kind upwards": (
        "extractors: {a: {kind: ../registry, source: b}}",
        "config: extractors.a.kind: '../registry' is not one of",
    ),
    "part of COCO unknown": (
        "layouts: {coco: {part: ../../x}}",
        "config: layouts.coco.part: '../../x' is not one of train2017, val2017",
    ),
    "two faults": ("modles: {}\nzzz: 1", "config: modles: unknown key", "config: zzz: unknown key"),
}

TOGETHER = {
    "no model at all": (
        "good_seed: {models: []}\nlottery_ticket: {models: []}",
        "config: good_seed.models: empty, as lottery_ticket.models is",
    ),
    "one paper left out": ("good_seed: {models: []}",),
    "pool empty": ("good_seed: {pool: {start: 8, stop: 8}}", "good_seed.pool: empty range"),
    "pool backwards": ("good_seed: {pool: {start: 9, stop: 1}}", "good_seed.pool: empty range"),
    "pool of one seed": (
        "good_seed: {pool: {start: 0, stop: 1}}",
        "good_seed.extremes_figure.seeds",
    ),
    "splits overlap": (
        "good_seed: {splits: {set2: {start: 40, stop: 96}}}",
        "config: good_seed.splits.set2: overlaps good_seed.splits.set1",
    ),
    "test prompts also chosen on": (
        "good_seed: {splits: {test: {start: 0, stop: 48}}}",
        "config: good_seed.splits.test: overlaps good_seed.splits.set1",
    ),
    "split beyond the prompts": (
        "good_seed: {splits: {test: {start: 144, stop: 1000}}}",
        "config: prompts.dense.count: 640 prompts, but the splits reach up to 1000",
    ),
    "judged on the prompts that chose": (
        "good_seed: {transfer_prompts: dense}",
        "config: good_seed.transfer_prompts: the same set as good_seed.prompts",
    ),
    "contact sheet beyond the prompts": (
        "prompts: {short: {count: 99}}\n"
        "good_seed: {contact_sheet: {prompts: 100},"
        " designs: {storybook-turbo: {transfer_count: 1}}}",
        "config: prompts.short.count: 99 prompts, but good_seed.contact_sheet.prompts reaches",
    ),
    "contact sheet of 1,000 prompts": (
        "good_seed: {contact_sheet: {prompts: 1000}}",
        "config: good_seed.contact_sheet.prompts: 1000 is greater than the maximum of 100",
    ),
    "extremes beyond the pool": (
        "good_seed: {extremes_figure: {seeds: 17}}",
        "config: good_seed.extremes_figure.seeds: 17 best and 17 worst seeds of a pool of 32",
    ),
    "extremes beyond the prompts": (
        "good_seed: {extremes_figure: {prompts: 99}, splits: {set1: {stop: 20}, set2: {stop: 92}}}",
        "config: good_seed.extremes_figure.prompts: more prompts than set1 and set2",
    ),
    "swap on a one-step model": (
        "good_seed: {swap: {model: storybook-turbo}}",
        "config: good_seed.swap.model: a one-step model has no step",
    ),
    "tickets from the noises that are judged": (
        "lottery_ticket: {base_seed: 99990}",
        "config: lottery_ticket.base_seed: the noises of layouts.storybook",
    ),
    "tickets from the same noises, 2**32 on": (
        "lottery_ticket: {noises: {start: 4294967296}}",
        "config: lottery_ticket.noises: reaches seed 4294967395",
        "tells those below 4294967296 apart only",
    ),
    "swap with the same noise, 2**32 on": (
        "good_seed: {swap: {base_seed: 4294967294}}",
        "config: good_seed.swap.base_seed: reaches seed 4294967341",
    ),
    "pool beyond 32 bits": (
        "good_seed: {pool: {start: 4294967290, stop: 4294967338}}",
        "config: good_seed.pool.stop: reaches seed 4294967337",
    ),
    "base seed at the end of 64 bits": (
        "lottery_ticket: {base_seed: 9223372036854775807}\n" + SD % "noise: cuda",
        "config: lottery_ticket.base_seed: reaches seed 9223372036854776446, beyond the largest",
    ),
    "settings of more noises than there are": (
        "lottery_ticket: {sensitivity: {noises: [101]}}",
        "config: lottery_ticket.sensitivity.noises: 101 noises, but lottery_ticket.noises.count",
    ),
    "layers of more layouts than there are": (
        "lottery_ticket: {layers: {layouts: 901}}",
        "config: lottery_ticket.layers.layouts: 901 layouts, but layouts.storybook has 640",
    ),
    "methods without their partner": (
        "lottery_ticket: {methods: [sd, semi, semi_swap]}",
        "config: lottery_ticket.methods: 'swap' is missing",
    ),
    "methods without SemI": (
        "lottery_ticket: {methods: [sd, swap]}",
        "config: lottery_ticket.methods: 'semi' is missing",
    ),
    "tuned on the layouts that are judged": (
        "lottery_ticket: {tuning: {layouts: storybook}}",
        "config: lottery_ticket.tuning.layouts: the same set as lottery_ticket.layouts",
    ),
    "tuned unevenly": (
        "lottery_ticket: {tuning: {paint: {weight: [1.0]}}}",
        "config: lottery_ticket.tuning: every control needs the same number of choices",
    ),
    "control without choices": (
        "lottery_ticket: {tuning: {paint: {weight: []}}}",
        "config: lottery_ticket.tuning.paint.weight: [] should be non-empty",
    ),
    "tickets of a family without maps": (
        SD % "family: sdxl",
        "config: lottery_ticket.models: 'storybook-sd' is of family 'sdxl'",
    ),
    "layouts that leave themselves out": (
        "layouts: {coco: {exclude: coco}}",
        "config: layouts.coco.exclude: 'coco' must be another set",
    ),
    "layouts that leave out a cycle": (
        "layouts: {a: {kind: coco, exclude: b}, b: {kind: coco, exclude: a}}",
        "config: layouts.a.exclude: 'b' must be another set",
        "config: layouts.b.exclude: 'a' must be another set",
    ),
    "instances without captions": (
        "layouts: {coco: {instances: a.json}}",
        "config: layouts.coco: one of instances and captions alone",
    ),
    "choices beyond the scenes": (
        "quality: {clip_choices: 600}",
        "config: quality.clip_choices: 600 captions to choose from, but quality.scenes draws 512",
    ),
}

ELSEWHERE = {
    "scenes not there": (
        "lottery_ticket: {scenes: nowhere.json}",
        "config: lottery_ticket.scenes: nowhere.json: No such file or directory",
    ),
    "scenes a folder": (
        "lottery_ticket: {scenes: resources}",
        "config: lottery_ticket.scenes: resources: a folder, not a file",
    ),
    "scenes a device": (
        "lottery_ticket: {scenes: /dev/zero}",
        "config: lottery_ticket.scenes: /dev/zero: not a regular file",
    ),
    "training not there": ("training: no.yaml", "config: training: no.yaml: No such file"),
    "prompt file not there": (LINES % "no.txt", "config: prompts.mine.path: no.txt: No such file"),
    "prompt file a folder": (LINES % "docs", "config: prompts.mine.path: docs: a folder, not a"),
    "prompt file a home folder": (LINES % "~/p.txt", "config: prompts.mine.path: ~/p.txt: No such"),
    "unused prompt file not there": ("prompts: {mine: {kind: lines, path: no.txt}}",),
    "word list not there": (
        "prompts: {s: {kind: synthetic, objects: no.txt, modifiers: "
        "resources/words/modifiers.txt}}\ngood_seed: {transfer_prompts: s}",
        "config: prompts.s.objects: no.txt: No such file",
    ),
    "PartiPrompts not there": (
        "prompts: {parti: {local: no.tsv}}\ngood_seed: {transfer_prompts: parti}",
        "config: prompts.parti.local: no.tsv: No such file",
    ),
    "PartiPrompts over http": (
        "prompts: {parti: {url: 'http://example.org/p.tsv'}}",
        "config: prompts.parti.url: 'http://example.org/p.tsv' is not an address that begins with",
    ),
    "PartiPrompts of a file address": (
        "prompts: {parti: {url: 'file:///etc/passwd'}}",
        "config: prompts.parti.url: 'file:///etc/passwd' is not an address",
    ),
    "PartiPrompts without a digest": ("prompts: {parti: {sha256: null}}", "prompts.parti.sha256"),
    "PartiPrompts with a short digest": ("prompts: {parti: {sha256: ab}}", "prompts.parti.sha256"),
    "COCO over http": ("layouts: {coco: {url: 'http://a.org/x.zip'}}", "config: layouts.coco.url"),
    "COCO without a digest": (
        "layouts: {coco: {sha256: null}}",
        "config: layouts.coco.sha256: None",
    ),
    "COCO digest in capitals": (
        f"layouts: {{coco: {{sha256: {'AB' * 32}}}}}",
        "config: layouts.coco.sha256: 'ABAB",
        "is not a SHA-256 digest",
    ),
    "photos not there": (
        "references: {mine: {kind: folder, path: nowhere}}\ngood_seed: {reference: mine}",
        "config: references.mine.path: nowhere is no folder",
    ),
    "photos a file": (
        "references: {mine: {kind: folder, path: README.md}}\ngood_seed: {reference: mine}",
        "config: references.mine.path: README.md is no folder",
    ),
    "model's folder not there": (
        SD % "source: resources/storybook/storybok-sd",
        "config: models.storybook-sd.source: resources/storybook/storybok-sd: neither a folder",
    ),
    "model mistyped in two parts": (
        SD % "source: resources/storybok",
        "config: models.storybook-sd.source: resources/storybok: neither a folder or file here",
    ),
    "model upwards": (
        SD % "source: ../../models/sd",
        "storybook-sd.source: ../../models/sd: neith",
    ),
    "model a text file": (SD % "source: README.md", "storybook-sd.source: README.md: not a .safe"),
    "model an empty folder": (
        SD % "source: docs",
        "storybook-sd.source: docs: no model_index.json",
    ),
    "model that may be a hub id": (SD % "source: someone/sd",),
    "extractor not there": (
        "extractors: {storybook-net: {source: resources/nothing}}",
        "config: extractors.storybook-net.source: resources/nothing: no such file or folder",
    ),
    "detector's file not there": (
        "detectors: {storybook-yolo: {source: yolo.pt}}",
        "config: detectors.storybook-yolo.source: yolo.pt: no such file or folder",
    ),
}

LIMITS = {
    "pool of a thousand million, one seed a job": (
        "good_seed: {pool: {start: 0, stop: 1000000000}, seeds_per_job: 1}",
        "config: good_seed.seeds_per_job: this run would plan 3,000,000,",
        "limits.jobs allows 100,000",
    ),
    "pool that plans just enough": ("good_seed: {pool: {start: 0, stop: 4000}, seeds_per_job: 1}",),
    "features beyond memory": (
        "good_seed: {pool: {start: 0, stop: 10000000}, seeds_per_job: 100000}",
        "config: good_seed.pool: features of 10,000,000 seeds with 144 prompts by storybook-net",
        "limits.memory_gb allows 64",
    ),
    "scores beyond memory": (
        "good_seed: {pool: {start: 0, stop: 10000000}, seeds_per_job: 100000, extractors: []}",
        "config: good_seed.pool: scores of 10,000,000 seeds with 144 prompts would take",
    ),
    "features beyond a limit of one's own": (
        "good_seed: {pool: {start: 0, stop: 2000}}\nlimits: {memory_gb: 0.2}",
        "config: good_seed.pool: features of 2,000 seeds",
        "limits.memory_gb allows 0.2",
    ),
    "tickets beyond memory": (
        "lottery_ticket: {noises: {count: 1000000, per_job: 1000}}",
        "config: lottery_ticket.noises.count: tickets of 1,000,000 noises",
    ),
    "tickets in too many jobs": (
        "lottery_ticket: {noises: {count: 1000000, per_job: 1}}",
        "config: lottery_ticket.noises.per_job: this run would plan",
    ),
    "layouts beyond memory": (
        "layouts: {storybook: {one: 1000000}}\nlottery_ticket: {noises: {start: 2000000}}",
        "config: layouts.storybook.one and .two: pictures of 1,000,320 layouts",
    ),
    "limit below the default run": ("limits: {jobs: 5}", "config: ", "limits.jobs allows 5"),
}

SEVERAL = {
    "pool of a thousand million, one seed a job": 5,
    "tickets from the noises that are judged": 2,
    "features beyond a limit of one's own": 13,
    "pool empty": 2,
    "pool backwards": 2,
    "pool of one seed": 3,
    "two faults": 2,
    "layouts that leave out a cycle": 2,
    "features beyond memory": 4,
    "tickets in too many jobs": 2,
}
"""Inputs with a line for each of several keys."""

CASES = [
    Case(case.name, case.where, case.given, case.words, SEVERAL.get(case.name, 1))
    for table in (TYPES, NAMES, UNKNOWN, TOGETHER, ELSEWHERE, LIMITS)
    for case in cases("config", table)
]
