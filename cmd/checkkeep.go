package cmd

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"asof/inspect/check"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/snapshot"
)

// keptCheck is the answer that the last run of the same check kept, to go on
// from, and where that of this run will be.
type keptCheck struct {
	run   *checkRun
	scan  *snapshot.Scan  // nil: nothing is kept
	newer bool            // the one that is kept is of a later moment, and stays
	from  *check.Result   // what was kept; nil: there is nothing to go on from
	notes []replay.Notice // that it was shown with
	same  bool            // the store is known to be as it was
}

// kept finds where the answer is kept. It is not where it may depend on more than
// the question and the events, or is only about some of them.
func (r *checkRun) kept(upTo replay.Cut) *keptCheck {
	k := &keptCheck{run: r}
	c := r.work().Cache()
	if c == nil || r.since != nil || upTo.Moment.IsStart() || !upTo.ByPosition() {
		return k
	}
	question, ok := r.question()
	if !ok {
		return k
	}
	var about snapshot.About
	for _, rule := range r.rules {
		about.Asked = append(about.Asked, rule.Name)
	}
	about.Timeline = r.shard.String()
	k.scan = c.Scan(r.reader, question, about)
	return k
}

// load reads what is kept.
func (k *keptCheck) load(upTo replay.Cut) error {
	if k.scan == nil {
		return nil
	}
	var from *check.Result
	found := k.scan.Load(func(r io.Reader, same bool) (err error) {
		k.same = same
		from, k.notes, err = readKept(r, k.run.invariants())
		return err
	})
	if !found {
		return nil
	}
	if from.Reach.Position > upTo.Moment.Position {
		head, _, err := k.run.everything().Resolve(k.run.ctx, replay.Head())
		if err != nil {
			return err
		}
		if k.newer = from.Reach.Position <= head.Position; !k.newer {
			k.drop() // the store was cut short
		}
		return nil
	}
	k.from = from
	return nil
}

// drop forgets what is kept: it is of a history that the store no longer has.
func (k *keptCheck) drop() {
	k.scan.Drop()
	k.from = nil
	k.run.note("scan", "the store no longer has the events that the last run has seen: all streams are folded again")
}

// plan has the check go on from what was kept.
func (k *keptCheck) plan(p *check.Plan) {
	p.Keep = k.scan != nil && !k.newer
	p.From, p.Same = k.from, k.same
}

// save keeps the answer and what it is shown with, which includes what was said of
// the part that was gone on from.
func (k *keptCheck) save(ans *check.Result, notes []replay.Notice) []replay.Notice {
	if k.from != nil {
		notes = addNotes(stillTrue(k.notes, notes), notes...)
	}
	isKept := k.from != nil && k.same && ans.Reach != nil && *ans.Reach == *k.from.Reach
	if ans.Reach != nil && !isKept {
		k.scan.Save(func(w io.Writer) error { return writeKept(w, ans, notes) })
	}
	return notes
}

// stillTrue are the notes that were kept, but for one that was found out anew.
func stillTrue(kept, notes []replay.Notice) []replay.Notice {
	return slices.DeleteFunc(slices.Clone(kept), func(n replay.Notice) bool {
		return n.Code == replay.NoticeDisorder &&
			slices.ContainsFunc(notes, func(o replay.Notice) bool { return o.Code == n.Code })
	})
}

// note says that the answer went on from another.
func (k *keptCheck) note(ans *check.Result) {
	if k.from == nil {
		return
	}
	again := fmt.Sprintf("%d streams were folded again", ans.Again)
	switch ans.Again {
	case 0:
		again = "no stream had to be folded again"
	case 1:
		again = "1 stream was folded again"
	}
	k.run.note("scan", fmt.Sprintf("went on from position %d, where the last run ended: %s", k.from.Reach.Position, again))
}

// verify compares what is kept with a check from the start, and drops what is not
// the same.
func (k *keptCheck) verify(head replay.Cut) (proof wire.ScanProof, err error) {
	var was *check.Result
	found := k.scan.Load(func(r io.Reader, _ bool) (err error) {
		was, _, err = readKept(r, k.run.invariants())
		return err
	})
	if !found {
		return proof, nil
	}
	at := was.Reach.Position
	proof.Position = (*int64)(&at)
	if proof.Stale = at > head.Moment.Position; proof.Stale {
		k.scan.Drop()
		return proof, nil
	}
	k.run.at = fmt.Sprintf("pos:%d", at)
	upTo, err := k.run.upTo()
	if err != nil {
		return proof, err
	}
	ans, _, err := k.run.pass(upTo, k)
	if err != nil {
		return proof, err
	}
	var want, got bytes.Buffer
	if err := errors.Join(was.Write(&got), ans.Write(&want)); err != nil {
		return proof, err
	}
	proof.Stale = *ans.Reach != *was.Reach
	proof.Wrong = !proof.Stale && !bytes.Equal(got.Bytes(), want.Bytes())
	if proof.Stale || proof.Wrong {
		k.scan.Drop()
	}
	return proof, nil
}

// What is kept is a line with the notes, and the answer.

func writeKept(w io.Writer, ans *check.Result, notes []replay.Notice) error {
	if err := json.NewEncoder(w).Encode(notes); err != nil {
		return err
	}
	return ans.Write(w)
}

func readKept(r io.Reader, invariants []check.Invariant) (*check.Result, []replay.Notice, error) {
	in := bufio.NewReader(r)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return nil, nil, err
	}
	var notes []replay.Notice
	if err := json.Unmarshal(line, &notes); err != nil {
		return nil, nil, err
	}
	ans, err := check.ReadResult(in, invariants)
	return ans, notes, err
}
