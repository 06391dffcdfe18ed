package wire

import (
	"asof/inspect/audit"
	"asof/replay/state"
)

// Keygen names the files of a new key pair.
type Keygen struct {
	KeyFile     string     `json:"key_file"`
	PublicFile  string     `json:"public_file"`
	VerifierKey string     `json:"verifier_key"`
	Next        [][]string `json:"next,omitzero"` // commands to try, as arguments
}

// NewKeygen returns a key in a file. The public key is in a file next to it.
func NewKeygen(file, verifierKey string) Keygen {
	return Keygen{KeyFile: file, PublicFile: file + ".pub", VerifierKey: verifierKey}
}

// Exported is the summary of an export.
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
	Next           [][]string       `json:"next,omitzero"` // commands to try, as arguments
}

// A Survivor is a path with values that were withheld elsewhere.
type Survivor struct {
	Path   string `json:"path"`
	Events int64  `json:"events"`
}

// NewExported converts x.
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

// Trailed is the summary of a trail in a file.
type Trailed struct {
	File         string     `json:"file"`
	Events       int64      `json:"events"`
	WithoutActor int64      `json:"without_actor"`
	Survivors    []Survivor `json:"survivors"`
}

// NewTrailed converts the summary of a trail in file.
func NewTrailed(t *audit.Trailed, file string) Trailed {
	return Trailed{File: file, Events: t.Events, WithoutActor: t.NoActor, Survivors: survivors(t.Survivors)}
}

// Verified is the result of a verification.
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

// A Finding is a defect of an export or of a seal log.
type Finding struct {
	Kind  string  `json:"kind"`
	File  string  `json:"file"`
	Entry *string `json:"entry"`
	What  string  `json:"what"`
}

// NewVerified converts v.
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

// A TrailLine is an event of a trail, with what it changed. The command line writes the
// lines as package audit does.
type TrailLine struct {
	Event
	Changes       []Change `json:"changes"`
	Projection    string   `json:"projection"`
	ProjectionFor *string  `json:"projection_for"` // what the projection is made for, if it is not this stream
}

// A Proof is an event of an export with everything needed to check it alone.
type Proof struct {
	Format      string     `json:"format"`
	Leaf        int64      `json:"leaf"`
	Stream      string     `json:"stream"`
	Version     int64      `json:"version"`
	Event       Value      `json:"event"`   // CloudEvents
	Stored      Value      `json:"stored"`  // the row
	Opening     Value      `json:"opening"` // its line of leaves.ndjson
	Changes     []Change   `json:"changes"` // null if the export has no states
	Before      Value      `json:"before"`  // the changed values, by path
	After       Value      `json:"after"`
	TLogProof   string     `json:"tlog_proof"`
	VerifierKey string     `json:"verifier_key"`
	Next        [][]string `json:"next,omitzero"` // of the last one of a sample: commands to try, as arguments
}

// NewProof converts x.
func NewProof(x *audit.Proof) Proof {
	n := x.JSON().Node()
	return Proof{
		Format: n.Get("format").Text(), Leaf: x.Leaf, Stream: string(x.Stream), Version: int64(x.Version),
		Event: Value(x.Event), Stored: Value(n.Get("stored")), Opening: Value(n.Get("opening")),
		Changes: changesOf(x.Changes), Before: Value(x.Before), After: Value(x.After),
		TLogProof: n.Get("tlog_proof").Text(), VerifierKey: n.Get("verifier_key").Text(),
	}
}

// changesOf converts a list of changes; nil if it is absent.
func changesOf(v state.Value) []Change {
	if v.Kind() != state.Array {
		return nil
	}
	all := make([]Change, 0, len(v.Node().Elems()))
	for _, c := range v.Node().Elems() {
		if c.Kind() != state.Object {
			continue // of an export that is not verified
		}
		n := c.Node()
		all = append(all, Change{
			Op: n.Get("op").Text(), Path: n.Get("path").Text(), Label: n.Get("label").Text(),
			From: Value(n.Get("from")), To: Value(n.Get("to")),
		})
	}
	return all
}

// Proved names the file with the proof of an event.
type Proved struct {
	Proof   string     `json:"proof"`
	Stream  string     `json:"stream"`
	Version int64      `json:"version"`
	Leaf    int64      `json:"leaf"`
	Next    [][]string `json:"next,omitzero"` // commands to try, as arguments
}

// NewProved converts the proof x in file.
func NewProved(x *audit.Proof, file string) Proved {
	return Proved{Proof: file, Stream: string(x.Stream), Version: int64(x.Version), Leaf: x.Leaf}
}

// Sealed is the result of a run of seal.
type Sealed struct {
	Log        string    `json:"log"`
	Verdict    string    `json:"verdict"` // sealed or findings; with findings, nothing was sealed
	Findings   []Finding `json:"findings"`
	More       int64     `json:"more"`
	Before     int64     `json:"before"`
	Size       int64     `json:"size"`
	Origin     string    `json:"origin"`
	Root       string    `json:"root"`
	Checkpoint *string   `json:"checkpoint"`
}

// NewSealed converts s.
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
