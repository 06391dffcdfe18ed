package cmd

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/workspace"
)

// widestValue is the most of a value that describes its path, in bytes.
const widestValue = 40

// completePath offers the members of the state, at the point on the command line, that
// the path may continue with. A container is offered without a space after it.
func (a *app) completePath(c *cobra.Command, s *workspace.Store, given []string, word string) ([]string, cobra.ShellCompDirective) {
	nothing := cobra.ShellCompDirectiveNoFileComp
	if len(given) < 2 || word != "" && word[0] != '/' {
		return nil, nothing
	}
	whole, ok := a.stateHere(c, s, given[1])
	if !ok {
		return nil, nothing
	}
	parent := word[:max(strings.LastIndexByte(word, '/'), 0)]
	out, open := members(whole, parent, word)
	if len(out) == 1 && open && offered(out[0]) == word {
		inner, more := members(whole, word, word+"/")
		out, open = append(out, inner...), open || more
	}
	if open {
		return out, nothing | cobra.ShellCompDirectiveNoSpace
	}
	return out, nothing
}

func offered(offer string) string {
	path, _, _ := strings.Cut(offer, "\t")
	return path
}

// stateHere returns the state of the stream at the point on the command line. If time
// runs out, that is the state of its first events.
func (a *app) stateHere(c *cobra.Command, s *workspace.Store, stream string) (v state.Value, ok bool) {
	fl := c.Flags()
	var f foldFlags
	f.Projection, _ = fl.GetString("projection") // a verb without the flag has none
	f.folds, _ = fl.GetStringArray("fold")
	f.folds = slices.Compact(f.folds) // cobra parses the line of a completion twice
	for _, text := range f.folds {
		if src := fold.ParseSource(text); !src.IsScript() && text != "merge" {
			return v, false // a command is not run for a completion
		}
	}
	how, err := f.one()
	if err != nil {
		return v, false
	}
	at, _ := fl.GetString("at")
	stream, at = endOf(stream), afterRange(at)
	ans, err := ask.Replay{Timeline: ask.Timeline{Stream: stream, At: at, Folding: how}}.Of(a.ctx, s)
	if ans == nil || err != nil && a.ctx.Err() == nil {
		return v, false
	}
	return ans.State, true
}

// endOf returns STREAM@B for STREAM@A..B.
func endOf(stream string) string {
	if name, point, ok := cutPoint(stream); ok && strings.Contains(point, "..") {
		stream = name
		if end := afterRange(point); end != "" {
			stream += "@" + end
		}
	}
	return stream
}

// afterRange returns B for A..B, and a point as it is.
func afterRange(point string) string {
	if i := strings.LastIndex(point, ".."); i >= 0 {
		return point[i+2:]
	}
	return point
}

// members returns the members of the container at parent whose paths begin with word,
// and reports whether one of them has members of its own.
func members(whole state.Value, parent, word string) (out []string, open bool) {
	at, err := state.Lookup(whole, parent)
	if err != nil || !at.IsContainer() {
		return nil, false
	}
	add := func(token string, v state.Value) bool {
		path := parent + "/" + token
		if strings.HasPrefix(path, word) {
			out = append(out, offer(path, inShort(v)))
			open = open || v.IsContainer() && v.Node().Len() > 0
		}
		return len(out) < mostCompleted
	}
	n := at.Node()
	if n.Kind() == state.Array {
		for i := range n.Len() {
			if !add(strconv.Itoa(i), n.At(i)) {
				break
			}
		}
		return out, open
	}
	n.Each(func(key string, v state.Value) bool { return add(state.EscapeToken(key), v) })
	return out, open
}

// inShort returns a value as JSON, or the size of a container.
func inShort(v state.Value) string {
	switch v.Kind() {
	case state.Array:
		return "[" + strconv.Itoa(v.Node().Len()) + "]"
	case state.Object:
		return "{" + strconv.Itoa(v.Node().Len()) + "}"
	}
	text := string(state.AppendJSON(nil, v))
	if len(text) > widestValue {
		text = strings.ToValidUTF8(text[:widestValue], "") + "…"
	}
	return text
}
