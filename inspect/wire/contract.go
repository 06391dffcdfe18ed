package wire

import "reflect"

// An Answer is a part of the contract: the output of a verb, or a part of other
// answers.
type Answer struct {
	Name string // as in the README
	Type reflect.Type
}

func answer[T any](name string) Answer { return Answer{name, reflect.TypeFor[T]()} }

// Contract lists all answers. The parts of other answers come first.
var Contract = []Answer{
	answer[Moment]("moment"),
	answer[EventHead]("head"),
	answer[Event]("event"),
	answer[Change]("change"),
	answer[Account]("account"),
	answer[Stat]("stat"),
	answer[Caused]("cause"),
	answer[Finding]("finding"),
	answer[Feature]("feature"),
	answer[Explained]("explained"),

	answer[Info]("info"),
	answer[Init]("init"),
	answer[Stream]("streams"),
	answer[Entry]("log"),
	answer[Shown]("show"),
	answer[Replayed]("replay"),
	answer[Step]("replay --step"),
	answer[Effect]("replay --effects"),
	answer[Diffed]("diff"),
	answer[AllDiffed]("diff --all"),
	answer[Blamed]("blame"),
	answer[HistoryEntry]("blame --history"),
	answer[Gone]("blame --reverse"),
	answer[Traced]("trace"),
	answer[Why]("why"),
	answer[Bisected]("bisect"),
	answer[Search]("bisect log"),
	answer[Reset]("bisect reset"),
	answer[Checked]("check"),
	answer[Live]("check --live"),
	answer[Mined]("mine"),
	answer[Imagined]("whatif"),
	answer[QueryRow]("query"),
	answer[Materialized]("materialize"),
	answer[Drift]("drift"),
	answer[QueryPlan]("query --explain"),
	answer[QueryTables]("query --tables"),
	answer[Reported]("report"),
	answer[Shrunk]("shrink"),
	answer[Cache]("cache info"),
	answer[StatesProof]("cache verify"),
	answer[ScanProof]("cache verify (checks)"),
	answer[Keygen]("audit keygen"),
	answer[Exported]("audit export"),
	answer[Trailed]("audit export -o"),
	answer[TrailLine]("audit export -o ndjson"),
	answer[Verified]("audit verify"),
	answer[Proof]("audit prove"),
	answer[Proved]("audit prove --out"),
	answer[Sealed]("audit seal"),
	answer[Guide]("demo"),
	answer[Version]("--version"),
	answer[Help]("help"),
	answer[HelpVerb]("help VERB"),
	answer[HelpTopic]("help TOPIC"),
	answer[Error]("error"),
	answer[Note]("note"),
}

// rows are the types of the rows of each answer that is a list, or has one.
var rows = map[string][]reflect.Type{
	"streams":          {reflect.TypeFor[Stream]()},
	"log":              {reflect.TypeFor[Entry]()},
	"replay --step":    {reflect.TypeFor[Step]()},
	"replay --effects": {reflect.TypeFor[Effect]()},
	"blame --history":  {reflect.TypeFor[HistoryEntry]()},
	"diff --all":       {reflect.TypeFor[StreamDiff]()},
	"trace":            {reflect.TypeFor[EventHead]()},
	"check":            {reflect.TypeFor[Violation]()},
	"bisect --all":     {reflect.TypeFor[Violation]()},
	"cache info":       {reflect.TypeFor[KeptStates](), reflect.TypeFor[KeptScan]()},
}
