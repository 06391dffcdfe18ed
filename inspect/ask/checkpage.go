package ask

import (
	"context"
	"strconv"

	"asof/inspect/check"
	"asof/inspect/contrast"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/workspace"
)

// A Checked is what a check found, and the part of it that a page lists.
type Checked struct {
	*check.Result
	Part   *check.Result // all of it, without a limit and a cursor
	Cursor string        // if the page is cut

	Explained []*contrast.Explained // by invariant; nil: not asked, or nothing is bad
}

// Page returns the part that is listed, or nil if it is all.
func (c *Checked) Page() *check.Result {
	if c.Part == c.Result {
		return nil
	}
	return c.Part
}

// JSON is the answer.
func (c *Checked) JSON() wire.Checked {
	x := wire.NewCheckedPart(c.Result, c.Part, c.Cursor)
	x.Explain(c.Explained)
	return x
}

// A checkPage is the page of a question whose answer is a check. The cursor has the
// position up to which the store was checked for the first page, and the last finding.
type checkPage struct {
	Page
	question any // without its page
	after    *check.Place
}

// begin reads the cursor, and returns the point at which the store is checked.
func (p *checkPage) begin(at string) (string, error) {
	keys, err := p.Page.begin(p.question, 6)
	if keys == nil || err != nil {
		return at, err
	}
	var n [3]int64
	for i, key := range []string{keys[2], keys[3], keys[5]} {
		if n[i], err = strconv.ParseInt(key, 10, 64); err != nil {
			return at, &CursorError{"not a cursor"}
		}
	}
	p.after = &check.Place{
		Invariant: keys[1], Kind: int(n[0]), Position: replay.Position(n[1]),
		Stream: replay.StreamID(keys[4]), Version: replay.Version(n[2]),
	}
	if keys[0] == "" {
		return at, nil
	}
	if _, err := versionKey(keys[0]); err != nil {
		return at, err
	}
	return "pos:" + keys[0], nil
}

// run asks the question and cuts the answer.
func (p *checkPage) run(ctx context.Context, r *checkRun) (*Checked, error) {
	ans, err := r.run(ctx)
	if err != nil {
		return nil, err
	}
	explained, err := r.explain(ctx, ans)
	if err != nil {
		return nil, err
	}
	if p.Page == (Page{}) {
		return &Checked{Result: ans, Part: ans, Explained: explained}, r.findCauses(ctx, ans)
	}
	part, cut, ok := ans.Page(p.after, p.Limit)
	if !ok {
		return nil, &CursorError{"asof.toml has no invariant " + strconv.Quote(p.after.Invariant) + " any more"}
	}
	if err := r.findCauses(ctx, part); err != nil {
		return nil, err
	}
	out := &Checked{Result: ans, Part: part, Explained: explained}
	if cut != nil {
		end := ""
		if ans.At.Position != replay.NoPosition {
			end = keyOf(ans.At.Position)
		}
		out.Cursor = cursorAt(p.question, end, cut.Invariant, strconv.Itoa(cut.Kind), keyOf(cut.Position), string(cut.Stream), keyOf(cut.Version))
	}
	return out, nil
}

// findings is the page of the question.
func (q CheckStore) findings() checkPage {
	asked := q
	asked.Page = Page{}
	return checkPage{Page: q.Page, question: asked}
}

// findings is the page of the question.
func (q BisectAll) findings() checkPage {
	asked := q
	asked.Page = Page{}
	return checkPage{Page: q.Page, question: asked}
}

// Of answers the question about an open store.
func (q CheckStore) Of(ctx context.Context, s *workspace.Store) (*Checked, error) {
	p := q.findings()
	run, err := q.run(s)
	if err == nil {
		run.at, err = p.begin(run.at)
	}
	if err == nil && q.Ready != nil {
		err = q.Ready()
	}
	if err != nil {
		return nil, err
	}
	return p.run(ctx, run)
}

// Of answers the question about an open store.
func (q BisectAll) Of(ctx context.Context, s *workspace.Store) (*Checked, error) {
	p := q.findings()
	run, err := q.run(s)
	if err == nil {
		run.at, err = p.begin(run.at)
	}
	if err != nil {
		return nil, err
	}
	return p.run(ctx, run)
}
