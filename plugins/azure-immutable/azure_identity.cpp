#include "azure_identity.hpp"

namespace cavra::azure {

namespace {

struct Name {
  std::string operator()(const SharedKey&) const { return "the account's key"; }
  std::string operator()(const Sas&) const { return "a shared access signature"; }
  std::string operator()(const FederatedIdentity& of) const {
    return "application " + of.application.client_id + " by workload identity federation";
  }
  std::string operator()(const ClientSecret& of) const {
    return "application " + of.application.client_id + " by its secret";
  }
  std::string operator()(const CertificateIdentity& of) const {
    return "application " + of.application.client_id + " by its certificate";
  }
  std::string operator()(const ManagedIdentity&) const { return "the machine's managed identity"; }
  std::string operator()(const AppServiceIdentity&) const {
    return "App Service's managed identity";
  }
  std::string operator()(const AzLogin&) const { return "the login of the Azure CLI"; }
};

}  // namespace

std::string AzureIdentity::describe() const {
  return std::visit(Name{}, way) + " (" + place + ")";
}

}  // namespace cavra::azure
