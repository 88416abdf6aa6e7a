// Command netpol says of each connection whether a set of NetworkPolicies lets it through, as judged by SIG Network's
// conformance tool (cyclonus). It reads {"policies": [...], "traffic": [...]} and writes [{"allowed", "ingress", "egress"}, ...].
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	networking "k8s.io/api/networking/v1"
)

type answer struct {
	Allowed bool `json:"allowed"`
	Ingress bool `json:"ingress"`
	Egress  bool `json:"egress"`
}

func main() {
	if err := judge(); err != nil {
		fmt.Fprintln(os.Stderr, "netpol:", err)
		os.Exit(1)
	}
}

func judge() error {
	var asked struct {
		Policies []*networking.NetworkPolicy
		Traffic  []*matcher.Traffic
	}
	decoder := json.NewDecoder(os.Stdin)
	// A question with a misspelt field would be another question.
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		return err
	}
	policy := matcher.BuildNetworkPolicies(false, asked.Policies)
	answers := []answer{}
	for _, traffic := range asked.Traffic {
		result := policy.IsTrafficAllowed(traffic)
		answers = append(answers, answer{result.IsAllowed(), result.Ingress.IsAllowed(), result.Egress.IsAllowed()})
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}
