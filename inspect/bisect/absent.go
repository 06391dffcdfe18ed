package bisect

import (
	"fmt"
	"regexp"
	"strings"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// In JavaScript, a comparison with a missing member is false, so a misspelt state.totl
// < 0 never holds. If no state differed from another, the members named in the
// expression are looked up.

var memberChain = regexp.MustCompile(`\bstate((?:\??\.[A-Za-z_$][A-Za-z0-9_$]*)+)`)

// AbsentMembers returns the members of an expression that the state at the end of the
// range lacks, if no event is the culprit.
func (r *Result) AbsentMembers(expression string) (all []replay.Notice) {
	if r.Verdict != NeverBad && r.Verdict != AlwaysBad {
		return nil
	}
	reported := map[string]bool{}
	for _, c := range memberChain.FindAllStringSubmatch(expression, -1) {
		path, near, absent := firstAbsent(r.Last, strings.Split(strings.ReplaceAll(c[1], "?", ""), ".")[1:])
		if !absent || reported[path] {
			continue
		}
		reported[path] = true
		text := fmt.Sprintf("the state at %s has no %s", r.To.Label(), path)
		if len(near) > 0 {
			text += "; did you mean " + near[0] + "?"
		}
		all = append(all, replay.Notice{Code: "absent", Text: text})
	}
	return all
}

// firstAbsent follows members through objects. Members of arrays and scalars may be
// methods, and are not checked.
func firstAbsent(v state.Value, keys []string) (path string, near []string, absent bool) {
	for _, key := range keys {
		if v.Kind() != state.Object {
			return "", nil, false
		}
		in := path
		path = string(state.AppendToken([]byte(path), key))
		next := v.Node().Get(key)
		if next.IsAbsent() {
			var have []string
			v.Node().Each(func(k string, _ state.Value) bool { have = append(have, k); return true })
			for _, k := range fault.Near(key, have, 1) {
				near = append(near, string(state.AppendToken([]byte(in), k)))
			}
			return path, near, true
		}
		v = next
	}
	return "", nil, false
}
