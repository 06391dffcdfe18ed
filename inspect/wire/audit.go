package wire

import (
	"asof/inspect/audit"
)

// Keygen is where the two halves of a new key are.
type Keygen struct {
	KeyFile     string `json:"key_file"`
	PublicFile  string `json:"public_file"`
	VerifierKey string `json:"verifier_key"`
}

// NewKeygen is a key in a file, with its public half beside it.
func NewKeygen(file, verifierKey string) Keygen {
	return Keygen{KeyFile: file, PublicFile: file + ".pub", VerifierKey: verifierKey}
}

// Exported is what an export wrote.
type Exported struct {
	Folder         string           `json:"folder"`
	Events         int64            `json:"events"`
	StoreEvents    int64            `json:"store_events"`
	Streams        int64            `json:"streams"`
	FieldsWithheld int64            `json:"fields_withheld"`
	Anomalies      map[string]int64 `json:"anomalies"` // by kind
	WithoutActor   int64            `json:"without_actor"`
	Checkpoint     string           `json:"checkpoint"`
	Root           string           `json:"root"`
	VerifierKey    string           `json:"verifier_key"`
	Survivors      []Survivor       `json:"survivors"`
}

// A Survivor is a path at which a value still stands that was withheld elsewhere.
type Survivor struct {
	Path   string `json:"path"`
	Events int64  `json:"events"`
}

// NewExported is x as JSON.
func NewExported(x *audit.Exported) Exported {
	return Exported{
		Folder: x.Dir, Events: x.Events, StoreEvents: x.Store, Streams: x.Streams, FieldsWithheld: x.Withheld,
		Anomalies: counts(x.Anomalies), WithoutActor: x.NoActor, Checkpoint: string(x.Checkpoint), Root: x.Root,
		VerifierKey: x.VKey, Survivors: survivors(x.Survivors),
	}
}

func survivors(all []audit.Survivor) []Survivor {
	out := make([]Survivor, len(all))
	for i, s := range all {
		out[i] = Survivor{Path: s.Path, Events: s.Events}
	}
	return out
}

// Trailed is what a plain trail in a file holds. The command line does not print it.
type Trailed struct {
	File         string     `json:"file"`
	Events       int64      `json:"events"`
	WithoutActor int64      `json:"without_actor"`
	Survivors    []Survivor `json:"survivors"`
}

// NewTrailed is t, in a file.
func NewTrailed(t *audit.Trailed, file string) Trailed {
	return Trailed{File: file, Events: t.Events, WithoutActor: t.NoActor, Survivors: survivors(t.Survivors)}
}

// Verified is what verifying came to.
type Verified struct {
	Path           string    `json:"path"`
	Verdict        string    `json:"verdict"` // sound, findings or incomplete
	Findings       []Finding `json:"findings"`
	More           int64     `json:"more"`
	Skipped        []string  `json:"skipped"`
	Limits         []string  `json:"limits"`
	Events         int64     `json:"events"`
	StoreEvents    int64     `json:"store_events"`
	Streams        int64     `json:"streams"`
	FieldsWithheld int64     `json:"fields_withheld"`
	Origin         *string   `json:"origin"`
	Root           *string   `json:"root"`
	Since          *int64    `json:"since"` // the size of the earlier checkpoint
}

// A Finding speaks against what was verified.
type Finding struct {
	Kind  string  `json:"kind"`
	File  string  `json:"file"`
	Entry *string `json:"entry"`
	What  string  `json:"what"`
}

// NewVerified is v as JSON.
func NewVerified(v *audit.Verified) Verified {
	all := Verified{
		Path: v.Path, Verdict: v.Verdict(), Findings: findings(v.Findings), More: v.More, Skipped: texts(v.Skipped),
		Limits: texts(v.Limits), Events: v.Events, StoreEvents: v.Store, Streams: v.Streams, FieldsWithheld: v.Withheld,
		Origin: text(&v.Origin), Root: text(&v.Root),
	}
	if v.SinceSize >= 0 {
		all.Since = &v.SinceSize
	}
	return all
}

func findings(fs []audit.Finding) []Finding {
	all := make([]Finding, len(fs))
	for i := range fs {
		f := &fs[i]
		all[i] = Finding{Kind: string(f.Kind), File: f.File, Entry: text(&f.Entry), What: f.What}
	}
	return all
}

// Proved is where the proof of an event is.
type Proved struct {
	Proof   string `json:"proof"`
	Stream  string `json:"stream"`
	Version int64  `json:"version"`
	Leaf    int64  `json:"leaf"`
}

// NewProved is the proof x in a file.
func NewProved(x *audit.Proof, file string) Proved {
	return Proved{Proof: file, Stream: string(x.Stream), Version: int64(x.Version), Leaf: x.Leaf}
}

// Sealed is what a run of the seal came to.
type Sealed struct {
	Log        string    `json:"log"`
	Verdict    string    `json:"verdict"` // sealed, or findings, with which nothing was
	Findings   []Finding `json:"findings"`
	More       int64     `json:"more"`
	Before     int64     `json:"before"`
	Size       int64     `json:"size"`
	Origin     string    `json:"origin"`
	Root       string    `json:"root"`
	Checkpoint *string   `json:"checkpoint"`
}

// NewSealed is s as JSON.
func NewSealed(s *audit.Sealed) Sealed {
	checkpoint, verdict := string(s.Checkpoint), "sealed"
	if len(s.Findings) > 0 {
		verdict = "findings"
	}
	return Sealed{
		Log: s.Log, Verdict: verdict, Findings: findings(s.Findings), More: s.More, Before: s.Before, Size: s.Size,
		Origin: s.Origin, Root: s.Root, Checkpoint: text(&checkpoint),
	}
}
