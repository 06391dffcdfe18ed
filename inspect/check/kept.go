package check

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"asof/replay"
)

// Keep stores the answer to one question about a store between two checks.
type Keep interface {
	// Load passes the stored answer to read. It reports whether there was one and read
	// succeeded. same says the store is known to be unchanged since.
	Load(read func(found io.Reader, same bool) error) bool

	// Save replaces the stored answer with the output of write.
	Save(write func(io.Writer) error)

	// Drop removes the stored answer.
	Drop()
}

// kept is the earlier answer a check resumes from.
type kept struct {
	keep       Keep // nil: answers are not cached
	invariants []Invariant
	newer      bool            // the cached answer is of a later moment, and stays
	from       *Result         // nil: nothing to resume from
	notices    []replay.Notice // notices of the cached answer
	same       bool            // the store is known to be unchanged
	dropped    bool
}

// load reads the cached answer.
func (k *kept) load(ctx context.Context, all *replay.Timeline, upTo replay.Cut) error {
	if k.keep == nil {
		return nil
	}
	from, ok := k.read()
	if !ok {
		return nil
	}
	if from.Reach.Position <= upTo.Moment.Position {
		k.from = from
		return nil
	}
	head, _, err := all.Resolve(ctx, replay.Head())
	if err != nil {
		return err
	}
	if k.newer = from.Reach.Position <= head.Position; !k.newer {
		k.drop() // the store was truncated
	}
	return nil
}

func (k *kept) read() (from *Result, ok bool) {
	ok = k.keep.Load(func(r io.Reader, same bool) (err error) {
		k.same = same
		from, k.notices, err = readKept(r, k.invariants)
		return err
	})
	return from, ok
}

// drop removes the cached answer, because the store no longer has its history.
func (k *kept) drop() {
	k.keep.Drop()
	k.from, k.dropped = nil, true
}

// save caches the answer and its notices, including those of the answer it resumed
// from.
func (k *kept) save(ans *Result, add func([]replay.Notice, ...replay.Notice) []replay.Notice) {
	if k.from != nil {
		k.absent(ans)
		ans.Notices = add(stillTrue(k.notices, ans.Notices), ans.Notices...)
	}
	isKept := k.from != nil && k.same && ans.Reach != nil && *ans.Reach == *k.from.Reach
	if ans.Reach != nil && !isKept {
		k.keep.Save(func(w io.Writer) error { return writeKept(w, ans) })
	}
}

// NoticeAbsent is that nothing has a member that an expression names.
const NoticeAbsent replay.NoticeCode = "absent"

// absent leaves out what is only absent from the states tested by one of the two runs: that
// of the kept answer, and this one if it tested any.
func (k *kept) absent(ans *Result) {
	absentIn := func(all []replay.Notice, n replay.Notice) bool {
		return slices.ContainsFunc(all, func(o replay.Notice) bool { return o.Code == NoticeAbsent && absentName(o) == absentName(n) })
	}
	if ans.Again > 0 || ans.Streams != k.from.Streams {
		k.notices = slices.DeleteFunc(slices.Clone(k.notices), func(n replay.Notice) bool {
			return n.Code == NoticeAbsent && !absentIn(ans.Notices, n)
		})
	}
	// The kept ones stand for those of this run.
	ans.Notices = slices.DeleteFunc(ans.Notices, func(n replay.Notice) bool { return n.Code == NoticeAbsent })
}

// absentName is a notice of what is absent, without the name that may be meant: that depends
// on the states that were tested.
func absentName(n replay.Notice) string {
	text, _, _ := strings.Cut(n.Text, "; did you mean ")
	return text
}

// stillTrue are the kept notices, without one that was found again.
func stillTrue(kept, notices []replay.Notice) []replay.Notice {
	return slices.DeleteFunc(slices.Clone(kept), func(n replay.Notice) bool {
		return n.Code == replay.NoticeGone || n.Code == replay.NoticeDisorder &&
			slices.ContainsFunc(notices, func(o replay.Notice) bool { return o.Code == n.Code })
	})
}

// withNotices returns the notices of an answer, with one about the cached answer.
func (k *kept) withNotices(ans *Result) []replay.Notice {
	all := ans.Notices
	if k.dropped {
		all = append([]replay.Notice{{
			Code: noticeScan,
			Text: "the store no longer has the events of the last run: all streams are folded again",
		}}, all...)
	}
	if k.from == nil {
		return all
	}
	again := replay.Counted(ans.Again, "stream was", "streams were") + " folded again"
	if ans.Again == 0 {
		again = "no stream was folded again"
	}
	return append(all, replay.Notice{Code: noticeScan, Text: fmt.Sprintf(
		"resumed from position %d, where the last run ended: %s", k.from.Reach.Position, again)})
}

const noticeScan replay.NoticeCode = "scan"

// A Proof compares the cached answer with a full check.
type Proof struct {
	Position *replay.Position // where the cached answer ends; nil: no answer is cached
	Stale    bool             // the store no longer has its history
	Wrong    bool
}

// Verify compares the cached answer with a full check, and drops it if they differ.
// o.UpTo is the head of the store.
func Verify(ctx context.Context, s *Store, rules Rules, o Options) (proof Proof, err error) {
	k := kept{keep: o.Keep, invariants: rules.Invariants()}
	was, ok := k.read()
	if !ok {
		return proof, nil
	}
	at := was.Reach.Position
	proof.Position = &at
	if proof.Stale = at > o.UpTo.Moment.Position; proof.Stale {
		k.keep.Drop()
		return proof, nil
	}
	if o.UpTo, _, err = s.Cut(ctx, replay.AtPosition(at)); err != nil {
		return proof, err
	}
	ans, err := s.pass(ctx, rules, o, &k)
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
		k.keep.Drop()
	}
	return proof, nil
}

// A cached answer is a line with the notices, followed by the answer.

func writeKept(w io.Writer, ans *Result) error {
	if err := json.NewEncoder(w).Encode(ans.Notices); err != nil {
		return err
	}
	return ans.Write(w)
}

func readKept(r io.Reader, invariants []Invariant) (*Result, []replay.Notice, error) {
	in := bufio.NewReader(r)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return nil, nil, err
	}
	var notices []replay.Notice
	if err := json.Unmarshal(line, &notices); err != nil {
		return nil, nil, err
	}
	ans, err := ReadResult(in, invariants)
	return ans, notices, err
}
