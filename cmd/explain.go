package cmd

import (
	"strings"

	"github.com/spf13/pflag"

	"asof/inspect/ask"
)

// explainFlags ask what sets bad streams apart.
type explainFlags struct {
	explain  bool
	releases string
}

func (f *explainFlags) add(fl *pflag.FlagSet) {
	fl.BoolVar(&f.explain, "explain", false, "also find what sets the bad streams apart from the good ones")
	fl.StringVar(&f.releases, "releases", "", "with --explain, group first bad events by release: a file with a time and a name per line, or git:PATH for the tags of a repository")
}

// question reads the releases.
func (f explainFlags) question(a *app) (x ask.Explaining, err error) {
	x.Explain = f.explain
	if f.releases == "" {
		return x, nil
	}
	if !f.explain {
		return x, usagef("give --explain too, or leave it out", "--releases without --explain")
	}
	var text []byte
	if path, ok := strings.CutPrefix(f.releases, "git:"); ok {
		if path == "" {
			return x, usagef("write git:. for that of this folder", "--releases git: names no repository")
		}
		text, err = a.gitTags(a.path(path))
	} else {
		text, err = a.work().ReadFile(a.ctx, f.releases, "the releases", mostReleases)
	}
	if err == nil {
		x.Releases, err = a.parseReleases(text)
	}
	return x, err
}

// typedCheck returns the flags of a check, as typed.
func typedCheck(q ask.CheckStore) []string {
	flags := typedFold(q.Folding)
	for _, i := range q.Invariants {
		c := typedCondition(i.Condition)
		flags = append(flags, c[0], i.Name+"="+c[1])
	}
	if q.Explain {
		flags = append(flags, "--explain")
	}
	return flags
}
