using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrleansBatch.Api;

/// <summary>Who a caller is when the request does not say.</summary>
public sealed class BatchApiOptions
{
    /// <summary>Region of a request without a signature. Default: <c>us-east-1</c>.</summary>
    [Required, RegularExpression(Caller.RegionPattern)]
    public string DefaultRegion { get; set; } = "us-east-1";

    /// <summary>Account of every caller. Default: <c>123456789012</c>.</summary>
    [Required, RegularExpression("^[0-9]{12}$")]
    public string Account { get; set; } = "123456789012";
}

[OptionsValidator]
internal sealed partial class BatchApiOptionsValidator : IValidateOptions<BatchApiOptions>;
