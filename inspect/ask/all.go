package ask

import (
	"context"
	"iter"
	"reflect"

	"asof/inspect"
	"asof/inspect/audit"
	"asof/inspect/bisect"
	"asof/inspect/check"
	"asof/inspect/live"
	"asof/inspect/mine"
	"asof/inspect/query"
	"asof/inspect/scaffold"
	"asof/inspect/whatif"
	"asof/inspect/why"
	"asof/inspect/wire"
	"asof/replay/workspace"
)

// A Verb is a kind of question, for a front end that offers all of them.
type Verb struct {
	Name    string         // one or two words with a hyphen, such as blame
	About   string         // one sentence
	List    bool           // the answer is a list, which may be long
	Answer  reflect.Type   // of the answer, or of each line of a list
	Request reflect.Type   // its json and jsonschema tags are the schema
	New     func() Request // returns an empty request
}

// A Request is a question of any kind.
type Request interface {
	// Fields returns a pointer to the request's struct, to fill in.
	Fields() any

	// Check rejects an invalid request.
	Check() error

	// Ask checks the request, asks the question, and passes the answer to pass: a
	// struct of package wire, or one per line of a list. An error of pass ends the
	// answer. A line is valid until pass returns.
	Ask(ctx context.Context, w *workspace.Workspace, pass func(any) error) error
}

// All lists the questions asof answers.
var All = []Verb{
	answers("info", "Describe a store and what it contains.", Info.Ask,
		func(_ Info, i *StoreInfo) (wire.Info, error) { return wire.NewInfo(i.Info, i.Summary), nil }),
	answers("init", "Draft a project for a store: the text of asof.toml and of its projections.", Init.Ask,
		func(_ Init, d *scaffold.Draft) (wire.Init, error) { return wire.NewInit(d, false), nil }),
	lists("streams", "List the streams of a store.", Streams.Ask, StreamLine.JSON),
	lists("log", "List the events of a stream.", Log.lines, as),
	lists("log-all", "List the events of a whole store.", LogAll.lines, as),
	lists("query", "Ask with SQL, over events, streams and states as of a moment.", Query.lines, as),
	answers("query-plan", "Show what SQL would read and fold, without reading it.", QueryPlan.Ask,
		func(_ QueryPlan, p *query.Plan) (wire.QueryPlan, error) { return wire.NewQueryPlan(p), nil }),
	answers("query-tables", "List the tables that SQL can query, with their columns.", QueryTables.Ask,
		func(_ QueryTables, s *query.Schema) (wire.QueryTables, error) { return wire.NewQueryTables(s), nil }),
	answers("show", "Show one event in full, and what it changed.", Show.Ask,
		func(_ Show, s *inspect.Shown) (wire.Shown, error) { return wire.NewShown(s), nil }),
	answers("replay", "Show the state at a point.", Replay.Ask,
		func(q Replay, r *inspect.Replayed) (wire.Replayed, error) { return wire.NewReplayed(r, q.Part()) }),
	lists("steps", "Show the state after each event of a range.", Steps.Ask, (*Step).JSON),
	lists("effects", "Show what a projection would emit or link; asof never does either.", Effects.Ask, Effect.JSON),
	answers("diff", "Show what changed between two points, two streams or two folds.", Diff.Ask,
		func(q Diff, d *inspect.Diffed) (wire.Diffed, error) { return wire.NewDiffed(d, q.Stat), nil }),
	answers("diff-all", "Show how the states of all streams changed between two moments.", DiffAll.Ask,
		func(_ DiffAll, d *AllDiffed) (wire.AllDiffed, error) { return d.JSON(), nil }),
	answers("blame", "Show which event last set each path of the state.", Blame.Ask,
		func(_ Blame, b *inspect.Blamed) (wire.Blamed, error) { return wire.NewBlamed(b), nil }),
	answers("removed", "Show what was removed from the state, and by which event.", Removed.Ask,
		func(_ Removed, g *inspect.Gone) (wire.Gone, error) { return wire.NewGone(g), nil }),
	answers("trace", "Show what caused an event, and what it caused.", Trace.Ask,
		func(_ Trace, t *Traced) (wire.Traced, error) { return t.JSON(), nil }),
	answers("mine", "Propose invariants that held in nearly all streams, with the events that break them.", Mine.Ask,
		func(_ Mine, r *mine.Result) (wire.Mined, error) { return wire.NewMined(r), nil }),
	answers("why", "Show where a value of the state comes from: the event that set it, and what it was computed from.", Why.Ask,
		func(_ Why, a *why.Answer) (wire.Why, error) { return wire.NewWhy(a), nil }),
	answers("whatif", "Simulate the state with a different history.", Whatif.Ask,
		func(_ Whatif, r *whatif.Result) (wire.Imagined, error) { return wire.NewImagined(r), nil }),
	lists("history", "Show every event that set a path of the state, newest first.", History.lines, wire.NewHistoryEntry),
	answers("check", "Test invariants over every stream, and name the event of each violation.", CheckStore.Ask,
		func(_ CheckStore, c *Checked) (wire.Checked, error) { return c.JSON(), nil }),
	answers("materialize", "Keep the states of a projection as a table in a SQLite file or in PostgreSQL.", Materialize.Ask,
		func(_ Materialize, m *Materialized) (wire.Materialized, error) { return m.JSON(), nil }),
	answers("drift", "Show where a read model differs from replay, and the event behind each value.", Drift.Ask,
		func(_ Drift, d *Drifted) (wire.Drift, error) { return d.JSON(), nil }),
	answers("check-live", "Show which rows differ from their recorded history.", CheckLive.Ask,
		func(_ CheckLive, r *live.Result) (wire.Live, error) { return wire.NewLive(r), nil }),
	answers("bisect", "Find the event that introduced the bad state.", Bisect.Ask,
		func(_ Bisect, r *bisect.Result) (wire.Bisected, error) { return wire.NewBisected(r), nil }),
	answers("bisect-folds", "Find the first event after which two folds give different states.", BisectFolds.Ask,
		func(_ BisectFolds, r *bisect.Result) (wire.Bisected, error) { return wire.NewBisected(r), nil }),
	answers("bisect-run", "Find the event that introduced the bad state, by running a command on states.", BisectRun.Ask,
		func(_ BisectRun, r *bisect.Result) (wire.Bisected, error) { return wire.NewBisected(r), nil }),
	answers("bisect-all", "Find the event that introduced the bad state in every stream.", BisectAll.Ask,
		func(_ BisectAll, c *Checked) (wire.Checked, error) { return c.JSON(), nil }),
	answers("merge-reports", "Merge the reports of the shards of one check.", MergeReports.Ask,
		func(_ MergeReports, r *check.Report) (wire.Checked, error) { return wire.NewMerged(r), nil }),
	answers("shrink", "Find a minimal set of events that still produces the bad state.", Shrink.Ask,
		func(_ Shrink, s *Shrunk) (wire.Shrunk, error) { return wire.NewShrunk(s.Shrunk), nil }),
	answers("audit-export", "Write an audit trail as a sealed bundle.", Export.Ask,
		func(_ Export, x *audit.Exported) (wire.Exported, error) { return wire.NewExported(x), nil }),
	answers("audit-trail", "Write an audit trail for people.", Trail.Ask,
		func(q Trail, t *audit.Trailed) (wire.Trailed, error) { return wire.NewTrailed(t, q.Out), nil }),
	answers("audit-verify", "Check an audit export, or the proof of one event.", Verify.Ask,
		func(_ Verify, v *audit.Verified) (wire.Verified, error) { return wire.NewVerified(v), nil }),
	answers("audit-prove", "Extract one event of an audit export, with its proof.", Prove.Ask,
		func(_ Prove, x *audit.Proof) (wire.Proof, error) { return wire.NewProof(x), nil }),
	lists("audit-sample", "Draw a random sample of the events of an audit export, each with its proof.", Sample.lines,
		wire.NewProof),
	answers("audit-seal", "Seal the new events of a store, after proving that the sealed ones are unchanged.", Seal.Ask,
		func(_ Seal, s *audit.Sealed) (wire.Sealed, error) { return wire.NewSealed(s), nil }),
	answers("report", "Write the history of a timeline as one HTML page.", Report.Ask,
		func(_ Report, r *Reported) (wire.Reported, error) {
			return wire.NewReported(r.File, r.Bytes, r.Report, r.Survivors), nil
		}),
	answers("cache-info", "Show what is cached, and where.", CacheInfo.Ask, same[CacheInfo, wire.Cache]),
	answers("cache-clear", "Clear the cache.", CacheClear.Ask, same[CacheClear, wire.Cache]),
	answers("kept-states", "Check the cached states of a stream against a full replay.", KeptStates.Ask, same[KeptStates, wire.StatesProof]),
	answers("kept-check", "Check the cached result of a check against a new one.", KeptCheck.Ask,
		func(_ KeptCheck, k *KeptScans) (wire.ScanProof, error) { return k.JSON(), nil }),
	answers("kept-bisect-all", "Check the cached result of a bisection of all streams against a new one.", KeptBisectAll.Ask,
		func(_ KeptBisectAll, p *check.Proof) (wire.ScanProof, error) { return wire.NewScanProof(p, nil), nil }),
}

// as passes on lines that are their own JSON.
func as[J any](line J) J { return line }

// same passes on an answer that is its own JSON.
func same[Q, J any](_ Q, answer *J) (J, error) { return *answer, nil }

// checker is implemented by every request.
type checker interface{ Check() error }

// answers returns a verb with a single answer. json encodes the answer.
func answers[Q checker, A, J any](
	name, about string, ask func(Q, context.Context, *workspace.Workspace) (*A, error), json func(Q, *A) (J, error),
) Verb {
	return verb[Q, J](name, about, false, func(ctx context.Context, w *workspace.Workspace, q Q, pass func(any) error) error {
		answer, err := ask(q, ctx, w)
		if err != nil {
			return err
		}
		x, err := json(q, answer)
		if err != nil {
			return err
		}
		return pass(x)
	})
}

// lists returns a verb whose answer is a list. json encodes a line.
func lists[Q checker, A, J any](
	name, about string, ask func(Q, context.Context, *workspace.Workspace) iter.Seq2[A, error], json func(A) J,
) Verb {
	return verb[Q, J](name, about, true, func(ctx context.Context, w *workspace.Workspace, q Q, pass func(any) error) error {
		for line, err := range ask(q, ctx, w) {
			if err != nil {
				return err
			}
			if err := pass(json(line)); err != nil {
				return err
			}
		}
		return nil
	})
}

func verb[Q checker, J any](name, about string, list bool, ask askFunc[Q]) Verb {
	return Verb{
		Name: name, About: about, List: list, Answer: reflect.TypeFor[J](), Request: reflect.TypeFor[Q](),
		New: func() Request { return &request[Q]{ask: ask} },
	}
}

// An askFunc asks a question of one kind, and passes on the JSON of the answer.
type askFunc[Q any] func(ctx context.Context, w *workspace.Workspace, q Q, pass func(any) error) error

// A request is a question of one kind.
type request[Q checker] struct {
	q   Q
	ask askFunc[Q]
}

func (r *request[Q]) Fields() any  { return &r.q }
func (r *request[Q]) Check() error { return r.q.Check() }

func (r *request[Q]) Ask(ctx context.Context, w *workspace.Workspace, pass func(any) error) error {
	return r.ask(ctx, w, r.q, pass)
}
