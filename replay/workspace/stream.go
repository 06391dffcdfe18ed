package workspace

import (
	"context"
	"encoding/csv"
	"errors"
	"strings"

	"asof/replay"
	"asof/replay/fault"
)

// findStream finds the stream with this name, or else the only stream whose name
// begins with it, or else the stream of the event "id:ID". Names of streams may
// contain an @: findStream tries each way to split name.
func (s *Store) findStream(ctx context.Context, name string) (found replay.Stream, at string, hasAt bool, err error) {
	ways := replay.SplitAddress(name)
	for _, way := range ways {
		if found, ok, err := s.Stream(ctx, replay.StreamID(way.Stream)); ok || err != nil {
			return found, way.At, way.HasAt, err
		}
	}
	for _, way := range ways {
		if way.Stream == "" {
			continue
		}
		found, ok, err := s.byPrefix(ctx, way.Stream)
		if ok || err != nil {
			return found, way.At, way.HasAt, err
		}
	}
	if id, ok := strings.CutPrefix(name, "id:"); ok && id != "" {
		found, at, err = s.byEvent(ctx, id)
		return found, at, true, err
	}
	return found, "", false, s.noStream(ctx, ways)
}

// Stream returns the stream with this id, if it exists. Only the fields known from its
// first event are set: counting events would take longer than most questions.
func (s *Store) Stream(ctx context.Context, id replay.StreamID) (found replay.Stream, ok bool, err error) {
	q := replay.Query{Streams: []replay.StreamID{id}, Limit: 1, Skip: replay.FieldData | replay.FieldMeta | replay.FieldID}
	for e, err := range s.Reader.Events(ctx, q) {
		if err != nil {
			return found, false, err
		}
		return replay.Stream{ID: e.Stream, Category: e.Category, First: e.Version, FirstTime: e.Time}, true, nil
	}
	return found, false, nil
}

// byPrefix returns the only stream whose id begins with prefix.
func (s *Store) byPrefix(ctx context.Context, prefix string) (found replay.Stream, ok bool, err error) {
	const listed = 5
	var all []replay.Stream
	for one, err := range s.Reader.Streams(ctx, replay.StreamQuery{Prefix: prefix, Limit: listed + 1, IDsOnly: true}) {
		if err != nil {
			return found, false, err
		}
		all = append(all, one)
	}
	switch len(all) {
	case 0:
		return found, false, nil
	case 1:
		return s.Stream(ctx, all[0].ID)
	}
	e := &replay.AmbiguousError{Kind: "stream", Name: prefix, More: len(all) > listed}
	for _, one := range all[:min(listed, len(all))] {
		e.Matches = append(e.Matches, string(one.ID))
	}
	return found, false, e
}

// byEvent finds the only event whose id begins with id, and returns its stream and
// its point there.
func (s *Store) byEvent(ctx context.Context, id string) (found replay.Stream, at string, err error) {
	e, err := replay.FindEvent(ctx, s.Reader, id)
	if missing := new(replay.NotFoundError); errors.As(err, &missing) {
		err = s.absent(ctx, "", missing)
	}
	if err != nil {
		return found, "", err
	}
	found, _, err = s.Stream(ctx, e.Stream)
	if err == nil {
		_, _, err = replay.StreamTimeline(s.Reader, e.Stream).Resolve(ctx, replay.AtVersion(e.Version))
		err = replay.Contradicted(s.Reader, err)
	}
	return found, replay.AtVersion(e.Version).String(), err
}

// absent adds to an error what the store holds and does not show, as that may be what is
// missing: rows of the stream with this name, or else of any stream.
func (s *Store) absent(ctx context.Context, stream string, e *replay.NotFoundError) error {
	left, err := s.Reader.Omitted(ctx, replay.StreamID(stream))
	if err == nil && left == nil {
		left, err = s.Reader.Lost(ctx)
	}
	if err != nil {
		return err
	}
	e.LeftOut = left
	return e
}

// noStream returns the error for a missing stream, and suggests the nearest ones.
func (s *Store) noStream(ctx context.Context, ways []replay.Address) error {
	const most = 100_000             // streams considered for a suggestion
	want := ways[len(ways)-1].Stream // without the part after the first @
	if want == "" {
		want = ways[0].Stream
	}
	var ids []string
	for one, err := range s.Reader.Streams(ctx, replay.StreamQuery{IDsOnly: true, Limit: most}) {
		if err != nil {
			return err
		}
		ids = append(ids, string(one.ID))
	}
	path := s.Info().Path
	e := &replay.NotFoundError{Kind: "stream", Name: want, In: path, Near: nearStreams(want, ids)}
	e.Next = fault.Try("list its streams").By("streams", path)
	if len(ids) == 0 {
		e.Next = fault.Try("the store has no streams")
	}
	for _, way := range ways {
		meant, err := s.meantStream(ctx, way.Stream, ids)
		if err != nil {
			return err
		}
		if meant != "" {
			e.Name, e.Near = way.Stream, []string{meant}
			break
		}
	}
	return s.absent(ctx, e.Name, e)
}

// nearStreams suggests streams: those with the same id in another context, source or
// type, or else those with a similar spelling.
func nearStreams(want string, ids []string) []string {
	const most = 3
	var near []string
	for _, id := range ids {
		if strings.HasSuffix(id, "/"+want) && len(near) < most {
			near = append(near, id)
		}
	}
	if near == nil {
		near = fault.Near(want, ids, most)
	}
	return near
}

// Listed returns names as one value of a flag that takes a list: those with a comma or a
// quote are quoted as in CSV.
func Listed(names ...string) string {
	if len(names) == 0 {
		return ""
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(names) // to memory
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// Quoted returns a word quoted for a shell, if it needs quotes.
func Quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-~^", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 && word[0] != '~' {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
