using System.ComponentModel.DataAnnotations;
using System.Net;

namespace OrleansBatch.Silo.Options;

/// <summary>The setting is an IPv4 or IPv6 address, not a name.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IpAddressAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is null || (value is string text && IPAddress.TryParse(text, out _));

    public override string FormatErrorMessage(string name) => $"{name} must be an IP address.";
}
