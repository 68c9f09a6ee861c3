"""Starts the model in this process, and tells whoever waits how to reach it."""

import json
import os
import subprocess

import identity_model

from .blobs import Account
from .handler import Handler
from .management import ManagementHandler
from .model import Model
from .server import Server, tls_context


def serve(folder, port, with_tls, instance_file, born):
    if with_tls:
        make_certificate(folder / "tls")
    model = Model(str(folder / "blobs"))
    server = Server(port, lambda sock, is_tls: Handler(model, sock, is_tls).run(),
                    tls_context(folder) if with_tls else None)
    scheme = "https" if with_tls else "http"
    model.address = f"{scheme}://127.0.0.1:{server.port}/{model.account.name}"
    model.has_tls = with_tls
    ways = _start_identities(model, folder, scheme)
    management = Server(0, lambda sock, is_tls: ManagementHandler(model, sock, is_tls).run(),
                        tls_context(folder) if with_tls else None)
    management.start()
    server.start()
    env = environment(model, folder, with_tls)
    env["CAVRA_AZURE_MANAGEMENT"] = f"{scheme}://127.0.0.1:{management.port}"
    told = {"pid": os.getpid(), "born": born, "env": env, "identity": ways}
    scratch = instance_file.with_suffix(".new")
    scratch.write_text(json.dumps(told))
    scratch.chmod(0o600)
    scratch.rename(instance_file)
    server.wait()


def _start_identities(model, folder, scheme):
    """What a process finds in its environment, by role and way."""
    identities = identity_model.Identities(model, folder)
    server = Server(0, lambda sock, is_tls: identity_model.IdentityHandler(identities, sock, is_tls).run(),
                    tls_context(folder) if model.has_tls else None)
    model.authority = f"{scheme}://127.0.0.1:{server.port}"
    model.more_routes = {("GET", "identity"): identities.control, ("POST", "identity"): identities.control,
                         ("POST", "token"): identities.control_token}
    server.start()
    return identity_model.environment(model, identities, model.authority)


def environment(model, folder, with_tls):
    name, key = model.account.name, model.account.key
    scheme = model.address.partition(":")[0]
    told = {
        "AZURE_STORAGE_ACCOUNT": name, "AZURE_STORAGE_KEY": key,
        "AZURE_STORAGE_BLOB_ENDPOINT": model.address,
        "AZURE_STORAGE_CONNECTION_STRING": f"DefaultEndpointsProtocol={scheme};AccountName={name};"
                                           f"AccountKey={key};BlobEndpoint={model.address};",
        "CAVRA_AZURE_MODEL": model.address.rpartition("/")[0] + "/.model",
    }
    for label in Account.KINDS:
        told["CAVRA_AZURE_CONTAINER_" + label] = Account.container_name(label)
    if with_tls:
        told["CAVRA_AZURE_CA_FILE"] = f"{folder}/tls/server.pem"
    return told


def make_certificate(folder):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
         "3650", "-subj", "/CN=cavra-azure-model", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
         "-keyout", folder / "server.key", "-out", folder / "server.pem"], check=True)
