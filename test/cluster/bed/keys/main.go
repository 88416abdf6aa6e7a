// Command keys writes the keys of a Kubernetes control plane for tests into a folder:
//
//	keys FOLDER
//
// Two authorities (`ca`, and `front-proxy-ca` for the API aggregator), what they sign, and the key of service accounts.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Longer than any run of the tests.
const validity = 48 * time.Hour

type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: keys FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "keys:", err)
		os.Exit(1)
	}
}

func write(folder string) error {
	ca, err := issue(folder, "ca", request{name: pkix.Name{CommonName: "ca"}}, nil)
	if err != nil {
		return err
	}
	frontProxy, err := issue(folder, "front-proxy-ca", request{name: pkix.Name{CommonName: "front-proxy-ca"}}, nil)
	if err != nil {
		return err
	}
	loopback := net.IPv4(127, 0, 0, 1)
	server := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	client := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	for file, signed := range map[string]struct {
		request
		by *authority
	}{
		"apiserver": {request{
			name:      pkix.Name{CommonName: "kube-apiserver"},
			usage:     server,
			hosts:     []string{"localhost", "kubernetes", "kubernetes.default.svc"},
			addresses: []net.IP{loopback, net.IPv4(10, 96, 0, 1)},
		}, ca},
		// Reading logs and running programs in containers asks for all rights on the kubelet.
		"kubelet-client": {request{
			name:  pkix.Name{CommonName: "kube-apiserver-kubelet-client", Organization: []string{"system:masters"}},
			usage: client,
		}, ca},
		"front-proxy": {request{name: pkix.Name{CommonName: "front-proxy-client"}, usage: client}, frontProxy},
		"keda": {request{
			name:      pkix.Name{CommonName: "keda"},
			usage:     append(server, client...),
			hosts:     []string{"localhost", "keda-operator-metrics-apiserver.keda.svc"},
			addresses: []net.IP{loopback},
		}, ca},
	} {
		if _, err := issue(folder, file, signed.request, signed.by); err != nil {
			return err
		}
	}
	return writeServiceAccountKey(folder)
}

type request struct {
	name      pkix.Name
	usage     []x509.ExtKeyUsage
	hosts     []string
	addresses []net.IP
}

// issue writes FILE.key and FILE.crt, signed by an authority; by itself, as an authority, where there is none.
func issue(folder, file string, asked request, by *authority) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	certificate := &x509.Certificate{
		SerialNumber: serial,
		Subject:      asked.name,
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(validity),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  asked.usage,
		DNSNames:     asked.hosts,
		IPAddresses:  asked.addresses,
	}
	if by == nil {
		certificate.IsCA, certificate.BasicConstraintsValid = true, true
		certificate.KeyUsage |= x509.KeyUsageCertSign
		by = &authority{certificate, key}
	}
	signed, err := x509.CreateCertificate(rand.Reader, certificate, by.certificate, key.Public(), by.key)
	if err != nil {
		return nil, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := writePem(folder, file+".key", "PRIVATE KEY", encoded); err != nil {
		return nil, err
	}
	return &authority{certificate, key}, writePem(folder, file+".crt", "CERTIFICATE", signed)
}

func writeServiceAccountKey(folder string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writePem(folder, "sa.pub", "PUBLIC KEY", public); err != nil {
		return err
	}
	return writePem(folder, "sa.key", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
}

func writePem(folder, file, kind string, bytes []byte) error {
	return os.WriteFile(filepath.Join(folder, file), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600)
}
